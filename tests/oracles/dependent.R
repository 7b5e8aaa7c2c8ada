# Reference values of lkcm.synthesis.dependent from metafor, clubSandwich and robumeta, written to
# dependent.json beside this file:
#   Rscript tests/oracles/dependent.R
# Columns are rounded to 10 digits first, so that both sides read the same numbers. metafor's
# optimisers stop at about the square root of machine precision: the fit with the highest
# likelihood of several, each begun where the last one ended, is the reference.
suppressMessages({
  library(metafor)
  library(clubSandwich)
  library(robumeta)
  library(jsonlite)
})
data(corrdat)
data(hierdat)

table_of <- function(study, yi, vi, ...) {
  set <- data.frame(study = as.character(study), yi = as.numeric(yi), vi = as.numeric(vi), ...)
  set <- set[complete.cases(set), ]
  numbers <- sapply(set, is.numeric)
  rounded <- function(x) as.numeric(formatC(x, digits = 10, format = "g"))
  set[numbers] <- lapply(set[numbers], rounded)
  rownames(set) <- NULL
  set
}

bornmann <- escalc(measure = "OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal,
                   data = dat.bornmann2007)
crede <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010)
craft <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.craft2003)
lim <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.lim2014$o_o_unadj)

sets <- list(
  assink2016 = with(dat.assink2016, table_of(study, yi, vi, year = year,
    overt = as.numeric(deltype == "overt"), covert = as.numeric(deltype == "covert"))),
  konstantopoulos2011 = with(dat.konstantopoulos2011, table_of(district, yi, vi,
                                                               year = year - 1990)),
  bornmann2007 = with(bornmann, table_of(study, yi, vi, grant = as.numeric(type == "Grant"),
                                         year = year - 1995)),
  knapp2017 = with(dat.knapp2017, table_of(study, yi, vi, difficulty = difficulty,
    treatment = group1, control = group2, n_treatment = n_sz, n_control = n_hc,
    outcome = paste(task, difficulty))),
  tannersmith2016 = with(dat.tannersmith2016, table_of(studyid, yi, vi, propmale = propmale,
                                                       aget1 = aget1)),
  berkey1998 = with(dat.berkey1998, table_of(trial, yi, vi, al = as.numeric(outcome == "AL"),
                                             year = year - 1983)),
  kalaian1996 = with(dat.kalaian1996, table_of(study, yi, vi, math = as.numeric(outcome == "math"),
                                               hrs = hrs / 10)),
  crede2010 = with(crede, table_of(studyid, yi, vi, grade = as.numeric(criterion == "grade"))),
  craft2003 = with(craft, table_of(study, yi, vi, team = as.numeric(sport == "T"))),
  lim2014 = with(lim, table_of(article, yi, vi, amniotes = as.numeric(amniotes == "yes"))),
  corrdat = with(corrdat, table_of(studyid, effectsize, var, followup = followup, males = males,
                                   binge = binge)),
  hierdat = with(hierdat, table_of(studyid, effectsize, var, binge = binge, followup = followup,
                                   sreport = sreport))
)
moderators <- list(
  assink2016 = c("year", "overt", "covert"), konstantopoulos2011 = "year",
  bornmann2007 = c("grant", "year"), knapp2017 = "difficulty",
  tannersmith2016 = c("propmale", "aget1"), berkey1998 = c("al", "year"),
  kalaian1996 = c("math", "hrs"), crede2010 = "grade", craft2003 = "team", lim2014 = "amniotes",
  corrdat = c("followup", "males", "binge"), hierdat = c("binge", "followup", "sreport")
)

covariance <- function(set, rho) {
  set$effect <- seq_len(nrow(set))
  if (is.null(set$treatment)) {
    return(vcalc(vi, cluster = study, obs = effect, data = set, rho = rho))
  }
  vcalc(vi, cluster = study, obs = outcome, grp1 = treatment, grp2 = control, w1 = n_treatment,
        w2 = n_control, data = set, rho = rho)
}

highest <- function(set, V, formula, method) {
  set$effect <- seq_len(nrow(set))
  best <- NULL
  begun <- c(0.1, 0.1) * var(set$yi)
  for (round in 1:3) for (control in list(
    list(optimizer = "nlminb", rel.tol = 1e-15, x.tol = 1e-12, iter.max = 1000, eval.max = 2000),
    list(optimizer = "Nelder-Mead", reltol = 1e-16, maxit = 10000),
    list(optimizer = "BFGS", reltol = 1e-16, maxit = 1000))) {
    control$sigma2.init <- pmax(begun, 1e-6)
    res <- tryCatch(suppressWarnings(
      rma.mv(yi, V, mods = formula, random = ~ 1 | study / effect, data = set, method = method,
             control = control)), error = function(e) NULL)
    if (is.null(res)) next
    if (is.null(best) || logLik(res) > logLik(best)) best <- res
    begun <- best$sigma2
  }
  best
}

case <- function(name, mods, rho, method = "REML") {
  set <- sets[[name]]
  formula <- if (length(mods) == 0) ~ 1 else reformulate(mods)
  res <- highest(set, covariance(set, rho), formula, method)
  robust <- vcovCR(res, cluster = set$study, type = "CR2")
  tests <- coef_test(res, vcov = robust, test = "Satterthwaite")
  intervals <- conf_int(res, vcov = robust, test = "Satterthwaite")
  wald <- NULL
  if (length(mods) > 1) {
    wald <- Wald_test(res, constrain_zero(seq_along(mods) + 1), vcov = robust, test = "HTZ")
    wald <- lapply(list(statistic = wald$Fstat, df_num = wald$df_num, df_denom = wald$df_denom,
                        p = wald$p_val), unbox)
  }
  list(set = unbox(name), moderators = as.character(mods), rho = unbox(rho),
       method = unbox(method), tau2 = res$sigma2, loglik = unbox(as.numeric(logLik(res))),
       q = unbox(res$QE),
       estimate = as.numeric(res$beta), se_model = res$se, se = tests$SE, df = tests$df_Satt,
       p = tests$p_Satt, ci_low = intervals$CI_L, ci_high = intervals$CI_U, wald = wald)
}

robust_case <- function(name, mods, rho) {
  set <- sets[[name]]
  formula <- reformulate(if (length(mods) == 0) "1" else mods, "yi")
  res <- robu(formula, data = set, studynum = study, var.eff.size = vi, rho = rho, small = TRUE,
              modelweights = "CORR")
  table <- res$reg_table
  list(set = unbox(name), moderators = as.character(mods), rho = unbox(rho),
       tau2 = unbox(as.numeric(res$mod_info$tau.sq)), estimate = table$b.r, se = table$SE,
       df = table$dfs, p = table$prob, ci_low = table$CI.L, ci_high = table$CI.U)
}

# Arms of every kind in one table: shared control, shared treatment, a chain, two experiments.
arms <- data.frame(
  study = rep(c("shared control", "chain", "two experiments", "outcomes too", "one"),
              c(3, 3, 2, 4, 1)),
  treatment = c("a", "b", "c", "a", "b", "c", "a", "c", "a", "a", "b", "b", "a"),
  control = c("k", "k", "k", "b", "c", "a", "b", "d", "k", "k", "k", "k", "k"),
  n_treatment = c(20, 30, 25, 12, 15, 40, 33, 21, 14, 14, 50, 50, 10),
  n_control = c(40, 40, 40, 15, 40, 12, 20, 20, 22, 22, 22, 22, 10),
  outcome = c(1, 1, 1, 1, 2, 3, 1, 1, 1, 2, 1, 2, 1))
arms$vi <- with(arms, 1 / n_treatment + 1 / n_control)

cases <- list()
for (name in names(sets)) {
  for (rho in c(0.2, 0.6, 0.8)) cases[[length(cases) + 1]] <- case(name, NULL, rho)
  cases[[length(cases) + 1]] <- case(name, moderators[[name]], 0.6)
}
cases[[length(cases) + 1]] <- case("assink2016", NULL, 0.6, "ML")
cases[[length(cases) + 1]] <- case("corrdat", moderators$corrdat, 0.8, "ML")
robust <- list()
for (name in c("corrdat", "hierdat", "assink2016", "tannersmith2016")) {
  for (rho in c(0, 0.5, 0.8)) {
    robust[[length(robust) + 1]] <- robust_case(name, NULL, rho)
    robust[[length(robust) + 1]] <- robust_case(name, moderators[[name]], rho)
  }
}

packages <- c("metafor", "metadat", "clubSandwich", "robumeta")
version <- function(package) unbox(as.character(packageVersion(package)))
versions <- c(list(R = unbox(R.version.string)), lapply(setNames(packages, packages), version))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
lines <- function(items) paste(sapply(items, toJSON, digits = NA, null = "null"), collapse = ",\n")
by_column <- function(set) toJSON(as.list(set), digits = NA)
writeLines(c(
  "{", paste0('"versions": ', toJSON(versions), ","),
  '"sets": {', paste0('"', names(sets), '": ', sapply(sets, by_column), collapse = ",\n"), "},",
  paste0('"arms": ', by_column(arms), ","),
  paste0('"arms_covariance": ', toJSON(unclass(covariance(arms, 0.6)), digits = NA), ","),
  '"cases": [', lines(cases), "],", '"robust": [', lines(robust), "]", "}"),
  file.path(here, "dependent.json"))
