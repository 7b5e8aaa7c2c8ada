# Reference values of lkcm.ipd from nlme and lme4, written to ipd.json beside this file:
#   Rscript tests/oracles/ipd.R
# The participants are synthetic, rounded first so that both sides read the same numbers; Orthodont
# (nlme), cbpp (lme4) and bacteria (MASS) are public data sets whose models are in those packages'
# books and help pages.
suppressMessages({
  library(nlme)
  library(lme4)
  library(jsonlite)
})

set.seed(20240101)
trial <- function(i) {
  n <- sample(24:44, 1)
  treatment <- sample(rep(0:1, length.out = n))
  x <- rnorm(n, rnorm(1), 1)
  baseline <- rnorm(n)
  effect <- 0.4 + rnorm(1, 0, 0.5) + 0.2 * x
  y <- rnorm(1, 0, 0.8) + 0.5 * baseline + treatment * effect + rnorm(n, 0, exp(rnorm(1, 0, 0.35)))
  event <- rbinom(n, 1, plogis(-0.9 + rnorm(1, 0, 0.5) + treatment * (-0.4 + rnorm(1, 0, 0.9)) + 0.4 * x))
  data.frame(trial = sprintf("t%02d", i), treatment, x = round(x, 3), baseline = round(baseline, 3),
             y = round(y, 3), event)
}
people <- do.call(rbind, lapply(1:12, trial))
people$within <- people$x - ave(people$x, people$trial)
people$mean <- ave(people$x, people$trial)
people$tw <- people$treatment * people$within
people$tm <- people$treatment * people$mean

tight <- lmeControl(maxIter = 500, msMaxIter = 500, msMaxEval = 2000, niterEM = 100,
                    tolerance = 1e-10)
by_trial <- varIdent(form = ~ 1 | trial)
linear <- function(fit, keep) {
  table <- summary(fit)$tTable
  list(estimate = table[keep, "Value"], se = table[keep, "Std.Error"],
       g = unclass(getVarCov(fit))[, , drop = FALSE], loglik = as.numeric(logLik(fit)))
}
lme_fits <- list(
  random_intercept_and_treatment = linear(
    lme(y ~ treatment + baseline, random = ~ treatment | trial, weights = by_trial, data = people,
        control = tight), c("(Intercept)", "treatment", "baseline")),
  diagonal = linear(
    lme(y ~ treatment + baseline, random = list(trial = pdDiag(~ treatment)), weights = by_trial,
        data = people, control = tight), c("(Intercept)", "treatment", "baseline")),
  stratified_intercepts = linear(
    lme(y ~ 0 + factor(trial) + treatment + baseline, random = ~ 0 + treatment | trial,
        weights = by_trial, data = people, control = tight), c("treatment", "baseline")),
  within_and_across = linear(
    lme(y ~ 0 + factor(trial) + treatment + x + tw + tm, random = ~ 0 + treatment | trial,
        weights = by_trial, data = people, control = tight), c("treatment", "x", "tw", "tm")),
  common_residual = linear(
    lme(y ~ treatment + baseline, random = ~ 1 | trial, data = people, control = tight),
    c("(Intercept)", "treatment", "baseline"))
)
ortho <- linear(lme(distance ~ age, random = ~ age | Subject, data = Orthodont, control = tight),
                c("(Intercept)", "age"))

logistic <- function(fit, keep) {
  table <- summary(fit)$coefficients
  list(estimate = table[keep, 1], se = table[keep, 2],
       tau = as.numeric(attr(VarCorr(fit)[[1]], "stddev")))
}
sharp <- glmerControl(optimizer = "Nelder_Mead", tolPwrss = 1e-13,
                      optCtrl = list(FtolAbs = 1e-14, FtolRel = 1e-14, XtolRel = 1e-10, maxfun = 1e5))
ask <- function(formula, data) glmer(formula, data = data, family = binomial(), nAGQ = 15, control = sharp)
glmer_fits <- list(
  random_treatment = logistic(
    ask(event ~ 0 + factor(trial) + treatment + (0 + treatment | trial), people), "treatment"),
  random_intercept = logistic(
    ask(event ~ treatment + x + (1 | trial), people), c("treatment", "x", "(Intercept)"))
)
herds <- logistic(ask(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp),
                  c("period2", "period3", "period4", "(Intercept)"))
bacteria <- MASS::bacteria
bacteria$present <- as.integer(bacteria$y == "y")
bacteria$late <- as.integer(bacteria$week > 2)
bacteria$drug <- as.integer(bacteria$trt == "drug")
bacteria$plus <- as.integer(bacteria$trt == "drug+")
infections <- logistic(ask(present ~ drug + plus + late + (1 | ID), bacteria),
                       c("drug", "plus", "late", "(Intercept)"))

result <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  nlme = as.character(packageVersion("nlme")),
                  lme4 = as.character(packageVersion("lme4"))),
  people = as.list(people[c("trial", "treatment", "x", "baseline", "y", "event")]),
  lme = lme_fits,
  orthodont = list(data = list(trial = as.character(Orthodont$Subject), age = Orthodont$age,
                               y = Orthodont$distance), fit = ortho),
  glmer = glmer_fits,
  cbpp = list(data = list(trial = as.character(cbpp$herd), period = as.integer(cbpp$period),
                          incidence = cbpp$incidence, size = cbpp$size), fit = herds),
  bacteria = list(data = list(trial = as.character(bacteria$ID), drug = bacteria$drug,
                              plus = bacteria$plus, late = bacteria$late,
                              event = bacteria$present), fit = infections)
)
args <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
write_json(result, file.path(here, "ipd.json"), digits = 12, auto_unbox = TRUE)
