# Reference values of lkcm.ipd.clusters from nlme and lme4, written to clusters.json beside this file:
#   Rscript tests/oracles/clusters.R
# The participants are synthetic, rounded first so that both sides read the same numbers.
suppressMessages({
  library(nlme)
  library(lme4)
  library(jsonlite)
})

set.seed(20240101)
# Trials of clusters in both arms, of clusters in the LKCM arm only, and of clusters that hold both.
trial <- function(i) {
  kind <- c("both arms", "one arm", "across arms", "none")[(i - 1) %% 4 + 1]
  sizes <- sample(3:9, 8, replace = TRUE)
  cluster <- rep(seq_along(sizes), sizes)
  n <- length(cluster)
  treatment <- if (kind == "across arms") rbinom(n, 1, 0.5) else as.numeric(cluster > 4)
  label <- sprintf("c%d", cluster)
  if (kind == "one arm") label[treatment == 0] <- NA
  if (kind == "none") label[] <- NA
  shared <- ifelse(is.na(label), rnorm(n), rnorm(8)[cluster])
  baseline <- rnorm(n)
  error <- exp(rnorm(1, 0, 0.35)) * (sqrt(0.2) * shared + sqrt(0.8) * rnorm(n))
  y <- rnorm(1, 0, 0.8) + 0.5 * baseline + treatment * (0.4 + rnorm(1, 0, 0.4)) + error
  odds <- -0.5 + rnorm(1, 0, 0.4) - 0.5 * treatment + 0.9 * shared
  data.frame(trial = sprintf("t%02d", i), cluster = label, treatment, baseline = round(baseline, 3),
             y = round(y, 3), event = rbinom(n, 1, plogis(odds)))
}
people <- do.call(rbind, lapply(1:10, trial))
# Who has no cluster is one alone.
people$own <- ifelse(is.na(people$cluster), sprintf("alone%d", seq_len(nrow(people))),
                     people$cluster)

tight <- lmeControl(maxIter = 500, msMaxIter = 500, msMaxEval = 2000, niterEM = 100,
                    tolerance = 1e-10)
alike <- corCompSymm(value = 0.2, form = ~ 1 | trial / own)
by_trial <- varIdent(form = ~ 1 | trial)
icc_of <- function(fit) as.numeric(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
sigma_of <- function(fit) {
  if (is.null(fit$modelStruct$varStruct)) return(fit$sigma^2)
  ratio <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)
  as.list((fit$sigma * ratio)^2)
}
linear <- function(fit, keep) {
  table <- summary(fit)$tTable
  list(estimate = table[keep, "Value"], se = table[keep, "Std.Error"],
       g = unclass(getVarCov(fit))[, , drop = FALSE], loglik = as.numeric(logLik(fit)),
       icc = icc_of(fit), variance = sigma_of(fit))
}
both <- c("(Intercept)", "treatment", "baseline")
lme_fits <- list(
  random_intercept_and_treatment = linear(
    lme(y ~ treatment + baseline, random = ~ treatment | trial, correlation = alike,
        weights = by_trial, data = people, control = tight), both),
  common_residual = linear(
    lme(y ~ treatment + baseline, random = ~ 1 | trial, correlation = alike, data = people,
        control = tight), both),
  stratified_intercepts = linear(
    lme(y ~ 0 + factor(trial) + treatment + baseline, random = ~ 0 + treatment | trial,
        correlation = alike, weights = by_trial, data = people, control = tight),
    c("treatment", "baseline"))
)
# Every trial with coefficients of its own: what two stages start from.
apart <- gls(y ~ 0 + trial + trial:treatment + trial:baseline, correlation = alike,
             weights = by_trial, data = people,
             control = glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-10))
keep <- sprintf("trial%s:treatment", unique(people$trial))
table <- summary(apart)$tTable
two_stage <- list(trial = unique(people$trial), yi = table[keep, "Value"],
                  vi = table[keep, "Std.Error"]^2, icc = icc_of(apart))

# Those who are alone have no effect of a cluster.
people$shared <- as.numeric(!is.na(people$cluster))
people$unit <- interaction(people$trial, people$cluster, drop = TRUE)
levels(people$unit) <- c(levels(people$unit), "alone")
people$unit[is.na(people$unit)] <- "alone"
sharp <- glmerControl(optimizer = "Nelder_Mead", tolPwrss = 1e-13,
                      optCtrl = list(FtolAbs = 1e-14, FtolRel = 1e-14, XtolRel = 1e-10, maxfun = 1e5))
fit <- suppressWarnings(glmer(event ~ 0 + trial + treatment + (0 + shared | unit), data = people,
                              family = binomial(), nAGQ = 15, control = sharp))
# Nelder and Mead's simplex may collapse before the top: once more from where it stopped.
fit <- update(fit, start = getME(fit, c("theta", "fixef")))
binary <- list(estimate = summary(fit)$coefficients["treatment", 1],
               se = summary(fit)$coefficients["treatment", 2],
               tau = as.numeric(attr(VarCorr(fit)[[1]], "stddev")))

result <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  nlme = as.character(packageVersion("nlme")),
                  lme4 = as.character(packageVersion("lme4"))),
  people = as.list(people[c("trial", "cluster", "treatment", "baseline", "y", "event")]),
  lme = lme_fits,
  two_stage = two_stage,
  glmer = binary
)
args <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
write_json(result, file.path(here, "clusters.json"), digits = 12, auto_unbox = TRUE, na = "null")
