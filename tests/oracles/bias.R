# Reference values of lkcm.bias from metafor, written to bias.json beside this file:
#   Rscript tests/oracles/bias.R
# Effects and variances are those of pool.json. metafor's selmodel needs the package numDeriv for
# its standard errors. Where all effects lie below zero their signs are turned for the selection
# models, whose alternative is "greater".
suppressMessages({
  library(metafor)
  library(jsonlite)
})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
sets <- fromJSON(file.path(here, "pool.json"))$sets
names_used <- c("bcg_rr", "normand1999_smd", "curtis1998_rom", "gibson2002_smd", "raudenbush1985",
                "berkey1998", "bangertdrowns2004", "konstantopoulos2011", "li2007_or",
                "linde2005_rr", "hart1999_irr", "molloy2014_zcor", "cohen1981_zcor",
                "bcg_first_three")
stops <- list(threshold = 1e-14, maxiter = 1000)

asymmetry <- function(yi, vi) {
  mixed <- suppressWarnings(rma(yi, vi, mods = ~ sqrt(vi), control = stops))
  classic <- regtest(yi, vi, model = "lm")
  rank <- suppressWarnings(ranktest(yi, vi))
  limit <- function(x) unname(coef(summary(lm(yi ~ x, weights = 1 / vi)))[1, ])
  list(egger = c(mixed$zval[2], mixed$pval[2], mixed$beta[2], mixed$se[2], mixed$beta[1],
                 mixed$se[1], mixed$tau2),
       egger_lm = c(classic$zval, classic$pval), rank = c(unname(rank$tau), rank$pval),
       pet = limit(sqrt(vi)), peese = limit(vi))
}

filled <- function(res, estimator, side) {
  t <- trimfill(res, side = side, estimator = estimator, control = stops)
  list(estimator = unbox(estimator), side = unbox(side),
       values = c(t$k0, t$se.k0, t$beta, t$se, t$ci.lb, t$ci.ub, t$tau2),
       p = if (estimator == "R0") unbox(t$p.k0))
}

single <- function(yi, vi) {
  res <- rma(yi, vi, test = "knha", control = stops)
  i <- influence(res)
  b <- baujat(res, symbol = 1)
  list(influence = c(as.list(unclass(i$inf)[c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del",
                                              "QE.del", "hat", "weight")]),
                     list(dfbetas = i$dfbs[[1]], baujat_x = b$x, baujat_y = b$y,
                          flagged = i$is.infl)),
       cumulative = unclass(cumul(res))[c("estimate", "se", "ci.lb", "ci.ub", "tau2")],
       leave_one_out = leave1out(res)$estimate)
}

selected <- function(yi, vi, steps) {
  res <- rma(yi, vi, method = "ML", control = stops)
  fit <- tryCatch(suppressWarnings(selmodel(
    res, type = "stepfun", alternative = "greater", steps = steps,
    control = list(reltol = 1e-14, maxit = 5000))), error = function(e) NULL)
  if (is.null(fit)) return(NULL)
  list(estimate = unbox(c(fit$beta)), se = unbox(fit$se), tau2 = unbox(fit$tau2),
       weights = fit$delta[-1], weights_se = fit$se.delta[-1], loglik = unbox(c(logLik(fit))),
       lrt = unbox(fit$LRT), lrt_p = unbox(fit$LRTp))
}

excess <- function(yi, vi) {
  one <- tes(yi, vi, test = "chi2", tes.alternative = "two.sided")
  # metafor lists all combinations of trials: beyond 19 they are too many.
  exact <- if (length(yi) < 20) tes(yi, vi, test = "exact", tes.alternative = "greater")$pval
  Filter(Negate(is.null), list(observed = one$O, expected = one$E, chi2 = one$X2, p = one$pval,
                               exact = exact))
}

case <- function(name) {
  yi <- sets[[name]]$yi
  vi <- sets[[name]]$vi
  res <- rma(yi, vi, control = stops)
  fills <- expand.grid(side = c("left", "right"), estimator = c("L0", "R0"),
                       stringsAsFactors = FALSE)
  sign <- if (mean(yi) < 0) -1 else 1
  both <- length(yi) >= 5 && length(unique(pnorm(sign * yi / sqrt(vi), lower = FALSE) <= .025)) == 2
  drop <- function(x) Filter(Negate(is.null), x)
  drop(list(
    set = unbox(name), asymmetry = asymmetry(yi, vi),
    trim_and_fill = lapply(seq_len(4), function(i) filled(res, fills$estimator[i], fills$side[i])),
    single = single(yi, vi), sign = unbox(sign), excess = lapply(excess(yi, vi), unbox),
    fsn = list(rosenthal = unbox(fsn(yi, vi, type = "Rosenthal")$fsnum),
               orwin = unbox(fsn(yi, vi, type = "Orwin", target = 0.1)$fsnum)),
    step_1 = if (both) selected(sign * yi, vi, .025),
    step_2 = if (both) selected(sign * yi, vi, c(.025, .5))))
}

pdf(NULL)
cases <- lapply(names_used, case)
subsets <- gosh(rma(yi, vi, method = "DL", data = sets$berkey1998), progbar = FALSE)$res
subsets <- subsets[subsets[, "k"] >= 2, ]
versions <- c(list(R = unbox(R.version.string)),
              lapply(c(metafor = "metafor", metadat = "metadat", numDeriv = "numDeriv"),
                     function(package) unbox(as.character(packageVersion(package)))))
lines <- c("{", paste0('"versions": ', toJSON(versions), ","), '"cases": [',
           paste(sapply(cases, toJSON, digits = NA, null = "null", na = "null"),
                 collapse = ",\n"), "],",
           paste0('"gosh": ', toJSON(list(
             set = unbox("berkey1998"), size = subsets[, "k"], estimate = subsets[, "estimate"],
             i2 = subsets[, "I2"]), digits = NA)), "}")
writeLines(lines, file.path(here, "bias.json"))
