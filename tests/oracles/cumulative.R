# Cumulative REML pools of metafor, in order of year, for tests/synthesis/test_cumulative.py.
# Run: Rscript tests/oracles/cumulative.R > tests/oracles/cumulative.json
suppressMessages(library(metafor))
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
fit <- function(test) {
  full <- rma(yi, vi, data = dat, test = test, control = list(threshold = 1e-14, maxiter = 1000))
  found <- cumul(full, order = dat$year)
  data.frame(estimate = found$estimate, ci_low = found$ci.lb, ci_high = found$ci.ub, tau2 = found$tau2)
}
options(digits = 15)
cat(jsonlite::toJSON(list(
  versions = list(R = as.character(getRversion()), metafor = as.character(packageVersion("metafor"))),
  yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), year = dat$year,
  adhoc = fit("adhoc"), knha = fit("knha")
), digits = 15, auto_unbox = TRUE))
