# Published analyses of people in schools and centres, from data sets of R packages; written to
# published.json beside this file:
#   Rscript tests/oracles/published.R
# The tests hold what the packages' own documents print; here the same models are run with more
# digits. Exam: mlmRev, vignette MlmSoftRev, section 2.5 (model Em4). respiratory: HSAUR3, chapter
# "Analyzing Longitudinal Data II", figure 14.4, a trial in two centres.
suppressMessages({
  library(lme4)
  library(geepack)
  library(clubSandwich)
  library(jsonlite)
})
data(Exam, package = "mlmRev")
data(respiratory, package = "HSAUR3")

Exam$girl <- as.numeric(Exam$sex == "F")
Exam$single <- as.numeric(Exam$type == "Sngl")
tight <- lmerControl(optimizer = "Nelder_Mead", optCtrl = list(FtolAbs = 1e-14, FtolRel = 1e-14,
                                                               XtolRel = 1e-10, maxfun = 1e5))
em4 <- lmer(normexam ~ standLRT + girl + single + (standLRT | school), Exam, control = tight)
table <- summary(em4)$coefficients
exam <- list(estimate = table[, 1], se = table[, 2],
             g = unclass(VarCorr(em4)$school)[1:2, 1:2], variance = sigma(em4)^2,
             loglik = as.numeric(logLik(em4)))

visits <- subset(respiratory, month > "0")
visits$before <- rep(as.numeric(subset(respiratory, month == "0")$status == "good"), each = 4)
visits$good <- as.numeric(visits$status == "good")
visits$treatment <- as.numeric(visits$treatment == "treatment")
visits$man <- as.numeric(visits$gender == "male")
visits$second <- as.numeric(visits$centre == "2")
visits$id <- as.integer(visits$subject)
terms <- c("(Intercept)", "second", "treatment", "man", "before", "age")
marginal <- geeglm(good ~ second + treatment + man + before + age, data = visits, id = id,
                   family = binomial(), corstr = "independence")
plain <- glm(good ~ second + treatment + man + before + age, data = visits, family = binomial())
gee <- list(estimate = coef(marginal)[terms], robust = summary(marginal)$coefficients[terms, 2],
            corrected = sqrt(diag(vcovCR(plain, cluster = visits$id, type = "CR3")))[terms])
sharp <- glmerControl(optimizer = "Nelder_Mead", tolPwrss = 1e-13,
                      optCtrl = list(FtolAbs = 1e-14, FtolRel = 1e-14, XtolRel = 1e-10, maxfun = 1e5))
fit <- suppressWarnings(glmer(good ~ 0 + centre + treatment + man + before + age + (1 | subject),
                              visits, family = binomial(), nAGQ = 15, control = sharp))
fit <- update(fit, start = getME(fit, c("theta", "fixef")))
keep <- c("treatment", "man", "before", "age")
mixed <- list(estimate = summary(fit)$coefficients[keep, 1],
              se = summary(fit)$coefficients[keep, 2],
              tau = as.numeric(attr(VarCorr(fit)[[1]], "stddev")))

version <- function(name) as.character(packageVersion(name))
packages <- c("lme4", "geepack", "clubSandwich", "mlmRev", "HSAUR3")
result <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
               sapply(packages, version, simplify = FALSE)),
  exam = list(data = list(trial = as.integer(as.character(Exam$school)), y = Exam$normexam,
                          before = Exam$standLRT, girl = Exam$girl, single = Exam$single),
              fit = exam),
  respiratory = list(data = as.list(visits[c("id", "second", "treatment", "man", "before", "age",
                                             "good")]),
                     gee = gee, mixed = mixed)
)
args <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
write_json(result, file.path(here, "published.json"), digits = 12, auto_unbox = TRUE)
