# Fit the effects of a CSV file (study, yi, vi) by metafor's rma.mv with sparse matrices and
# clubSandwich's CR2; print the seconds of the two and the estimates:
#   Rscript benchmarks/dependent.R FILE.csv RHO
suppressMessages({
  library(metafor)
  library(clubSandwich)
  library(Matrix)
})
arguments <- commandArgs(trailingOnly = TRUE)
effects <- read.csv(arguments[1])
effects$effect <- seq_len(nrow(effects))
# metafor's vcalc loops over all pairs of effects; blocks, as its users write them, are faster.
started <- proc.time()[["elapsed"]]
V <- bdiag(lapply(split(effects$vi, effects$study), function(v) {
  block <- as.numeric(arguments[2]) * sqrt(outer(v, v))
  diag(block) <- v
  block
}))
fit <- rma.mv(yi, V, random = ~ 1 | study / effect, data = effects, sparse = TRUE)
fitted <- proc.time()[["elapsed"]]
test <- coef_test(fit, vcov = "CR2", cluster = effects$study, test = "Satterthwaite")
ended <- proc.time()[["elapsed"]]
cat(fitted - started, ended - fitted, fit$sigma2, test$beta, test$SE, test$df_Satt)
