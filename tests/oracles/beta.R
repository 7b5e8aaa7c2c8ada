# Reference values of lkcm.bias.beta_selection from metafor, written to beta.json beside this file:
#   Rscript tests/oracles/beta.R
# Effects and variances are those of pool.json; where their mean lies below zero their signs are
# turned, as the alternative is "greater". metafor's defaults integrate to 1e-4 and stop early:
# both are tightened. The likelihood may have two tops: metafor is started from no selection (its
# default), and from a = exp(-4), b = exp(1) with tau2 held at zero, where the second top lies in
# these sets; the fit of the higher likelihood is kept, and `default` says what the default start
# reaches. metafor's selmodel needs numDeriv for its standard errors. Takes a minute or two.
suppressMessages({
  library(metafor)
  library(jsonlite)
})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
sets <- fromJSON(file.path(here, "pool.json"))$sets
names_used <- c("bcg_rr", "normand1999_smd", "cohen1981_zcor", "bangertdrowns2004",
                "raudenbush1985", "linde2005_rr")

case <- function(name) {
  yi <- sets[[name]]$yi
  vi <- sets[[name]]$vi
  sign <- if (mean(yi) < 0) -1 else 1
  res <- rma(sign * yi, vi, method = "ML", control = list(threshold = 1e-14, maxiter = 1000))
  # A climb that does not converge is none.
  fitted <- function(start, ...) tryCatch(suppressWarnings(selmodel(
    res, type = "beta", alternative = "greater", skiphet = TRUE,
    control = list(delta.init = start, reltol = 1e-11, maxit = 500,
                   intCtrl = list(rel.tol = 1e-10, subdivisions = 1000L)), ...)),
    error = function(e) NULL)
  fits <- list(fitted(c(1, 1)), fitted(exp(c(-4, 1)), tau2 = 0))
  loglik <- sapply(fits, function(fit) if (is.null(fit)) NA else c(logLik(fit)))
  cat(name, loglik, "\n")
  fit <- fits[[which.max(loglik)]]
  lrt <- 2 * (max(loglik, na.rm = TRUE) - c(logLik(res)))
  list(set = unbox(name), sign = unbox(sign), estimate = unbox(c(fit$beta)), se = unbox(fit$se),
       tau2 = unbox(fit$tau2), weights = fit$delta, loglik = unbox(max(loglik, na.rm = TRUE)),
       lrt = unbox(lrt), lrt_p = unbox(pchisq(lrt, 2, lower.tail = FALSE)),
       default = unbox(loglik[1]))
}

cases <- lapply(names_used, case)
versions <- c(list(R = unbox(R.version.string)),
              lapply(c(metafor = "metafor", numDeriv = "numDeriv"),
                     function(package) unbox(as.character(packageVersion(package)))))
lines <- c("{", paste0('"versions": ', toJSON(versions), ","), '"cases": [',
           paste(sapply(cases, toJSON, digits = NA, null = "null", na = "null"),
                 collapse = ",\n"), "]}")
writeLines(lines, file.path(here, "beta.json"))
