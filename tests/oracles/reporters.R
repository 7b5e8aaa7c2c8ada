# Reference values of lkcm.synthesis.dependent with several reporters, from metafor (vcalc with
# type and two values of rho, rma.mv) and clubSandwich, written to reporters.json beside this file:
#   Rscript tests/oracles/reporters.R
# Public sets stand in for trials with several reporters: what differs within a study (subject of
# a test, kind of delinquency, measure of success) plays the reporter. Columns are rounded to
# 10 digits first, so that both sides read the same numbers.
suppressMessages({
  library(metafor)
  library(clubSandwich)
  library(jsonlite)
})

table_of <- function(study, reporter, yi, vi, ...) {
  set <- data.frame(study = as.character(study), reporter = as.character(reporter),
                    yi = as.numeric(yi), vi = as.numeric(vi), ...)
  set <- set[complete.cases(set), ]
  numbers <- sapply(set, is.numeric)
  set[numbers] <- lapply(set[numbers], function(x) as.numeric(formatC(x, digits = 10, format = "g")))
  rownames(set) <- NULL
  set
}

crede <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010)
sets <- list(
  kalaian1996 = with(dat.kalaian1996, table_of(study, outcome, yi, vi)),
  assink2016 = with(dat.assink2016, table_of(study, deltype, yi, vi)),
  crede2010 = with(crede, table_of(studyid, criterion, yi, vi)),
  knapp2017 = with(dat.knapp2017, table_of(study, ifelse(difficulty > 3, "hard", "easy"), yi, vi,
    treatment = group1, control = group2, n_treatment = n_sz, n_control = n_hc,
    outcome = paste(task, difficulty)))
)

covariance <- function(set, rho, agreement) {
  set$effect <- seq_len(nrow(set))
  if (is.null(set$treatment)) {
    return(vcalc(vi, cluster = study, type = reporter, obs = effect, data = set,
                 rho = c(rho, agreement)))
  }
  vcalc(vi, cluster = study, type = reporter, obs = outcome, grp1 = treatment, grp2 = control,
        w1 = n_treatment, w2 = n_control, data = set, rho = c(rho, agreement))
}

highest <- function(set, V, formula) {
  best <- NULL
  begun <- c(0.1, 0.1) * var(set$yi)
  for (round in 1:3) for (control in list(
    list(optimizer = "nlminb", rel.tol = 1e-15, x.tol = 1e-12, iter.max = 1000, eval.max = 2000),
    list(optimizer = "nlminb", rel.tol = 1e-10),
    list(optimizer = "Nelder-Mead", reltol = 1e-16, maxit = 10000),
    list(optimizer = "BFGS", reltol = 1e-16, maxit = 1000))) {
    control$sigma2.init <- pmax(begun, 1e-6)
    res <- tryCatch(suppressWarnings(
      rma.mv(yi, V, mods = formula, random = ~ 1 | study / effect, data = set,
             control = control)), error = function(e) NULL)
    if (is.null(res)) next
    if (is.null(best) || logLik(res) > logLik(best)) best <- res
    begun <- best$sigma2
  }
  best
}

case <- function(name, rho, agreement) {
  set <- sets[[name]]
  names <- sort(unique(set$reporter))
  dummies <- paste0("is_", gsub("[^a-zA-Z]", "", names))
  for (i in seq_along(names)) set[[dummies[i]]] <- as.numeric(set$reporter == names[i])
  set$effect <- seq_len(nrow(set))
  res <- highest(set, covariance(set, rho, agreement), reformulate(dummies, intercept = FALSE))
  robust <- vcovCR(res, cluster = set$study, type = "CR2")
  tests <- coef_test(res, vcov = robust, test = "Satterthwaite")
  set$effect <- seq_len(nrow(set))
  # With an intercept, the second coefficient is the second reporter minus the first.
  again <- rma.mv(yi, covariance(set, rho, agreement), mods = reformulate(dummies[-1]),
                  random = ~ 1 | study / effect, data = set, sigma2 = res$sigma2)
  difference <- coef_test(again, vcov = vcovCR(again, cluster = set$study, type = "CR2"),
                          test = "Satterthwaite")[2, ]
  list(set = unbox(name), rho = unbox(rho), agreement = unbox(agreement), tau2 = res$sigma2,
       loglik = unbox(as.numeric(logLik(res))), q = unbox(res$QE),
       reporters = names, estimate = as.numeric(res$beta),
       se_model = res$se, se = tests$SE, df = tests$df_Satt,
       second_minus_first = list(estimate = unbox(difference$beta), se = unbox(difference$SE),
                                 df = unbox(difference$df_Satt)))
}

cases <- list()
for (name in names(sets)) for (agreement in c(0, 0.1, 0.35, 0.6)) {
  cases[[length(cases) + 1]] <- case(name, 0.6, agreement)
}
packages <- c("metafor", "metadat", "clubSandwich")
version <- function(package) unbox(as.character(packageVersion(package)))
versions <- c(list(R = unbox(R.version.string)), lapply(setNames(packages, packages), version))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
lines <- function(items) paste(sapply(items, toJSON, digits = NA, null = "null"), collapse = ",\n")
by_column <- function(set) toJSON(as.list(set), digits = NA)
small <- subset(sets$knapp2017, study %in% unique(study)[1:12])
writeLines(c(
  "{", paste0('"versions": ', toJSON(versions), ","),
  '"sets": {', paste0('"', names(sets), '": ', sapply(sets, by_column), collapse = ",\n"), "},",
  paste0('"arms": ', by_column(small), ","),
  paste0('"arms_covariance": ', toJSON(unclass(covariance(small, 0.6, 0.3)), digits = NA), ","),
  '"cases": [', lines(cases), "]", "}"), file.path(here, "reporters.json"))
