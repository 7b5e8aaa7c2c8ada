# Time metafor on the reviews of a CSV file (review, yi, vi), one line of seconds and sums a task:
#   Rscript benchmarks/bias.R FILE.csv SUBSETS
suppressMessages(library(metafor))
arguments <- commandArgs(trailingOnly = TRUE)
reviews <- read.csv(arguments[1])
reviews <- split(reviews[c("yi", "vi")], reviews$review)
timed <- function(name, task, reviews) {
  started <- proc.time()[["elapsed"]]
  value <- sum(sapply(reviews, task))
  cat(name, proc.time()[["elapsed"]] - started, length(reviews), value, "\n")
}
fit <- function(r) rma(yi, vi, data = r)
timed("reml_egger", function(r) fit(r)$beta + suppressWarnings(regtest(fit(r)))$zval, reviews)
timed("trim_and_fill", function(r) {
  sum(sapply(c("L0", "R0"), function(e) trimfill(fit(r), side = "left", estimator = e)$beta))
}, reviews)
timed("selection_3psm", function(r) {
  res <- rma(yi, vi, data = r, method = "ML")
  tryCatch(selmodel(res, type = "stepfun", steps = .025, alternative = "greater",
                    skiphes = TRUE, skiphet = TRUE)$LRT, error = function(e) 0)
}, reviews[1:20])
timed("selection_beta", function(r) {
  res <- rma(yi, vi, data = r, method = "ML")
  selmodel(res, type = "beta", alternative = "greater", skiphes = TRUE, skiphet = TRUE)$LRT
}, reviews[1:5])
first <- head(reviews[[1]], 16)
for (method in c("DL", "REML")) {
  res <- rma(yi, vi, data = first, method = method)
  subsets <- as.numeric(arguments[2])
  started <- proc.time()[["elapsed"]]
  set.seed(1)
  value <- mean(gosh(res, subsets = subsets, progbar = FALSE)$res[, "estimate"], na.rm = TRUE)
  cat(paste0("gosh_", tolower(method)), proc.time()[["elapsed"]] - started, subsets, value, "\n")
}
