# Reference values of lkcm.harms.events and lkcm.harms.glmm from metafor, written to harms.json:
#   Rscript tests/oracles/harms.R
# The GLMMs are lme4's through metafor, with its inner loop told to stop later than by default.
suppressMessages({
  library(metafor)
  library(jsonlite)
})

counts <- function(data, a, n_t, c, n_c) {
  set <- data.frame(a = data[[a]], n_t = data[[n_t]], c = data[[c]], n_c = data[[n_c]])
  set[complete.cases(set), ]
}
sets <- list(
  bcg = with(dat.bcg, data.frame(a = tpos, n_t = tpos + tneg, c = cpos, n_c = cpos + cneg)),
  nielweise2007 = counts(dat.nielweise2007, "ai", "n1i", "ci", "n2i"),
  hine1989 = counts(dat.hine1989, "ai", "n1i", "ci", "n2i"),
  axfors2021 = counts(dat.axfors2021, "hcq_arm_event", "hcq_arm_total", "control_arm_event",
                      "control_arm_total"),
  viechtbauer2021 = counts(dat.viechtbauer2021, "xTi", "nTi", "xCi", "nCi"),
  li2007 = counts(dat.li2007, "ai", "n1i", "ci", "n2i"),
  linde2005 = counts(dat.linde2005, "ai", "n1i", "ci", "n2i"),
  lee2004 = counts(dat.lee2004, "ai", "n1i", "ci", "n2i"),
  yusuf1985 = counts(subset(dat.yusuf1985, table == "6"), "ai", "n1i", "ci", "n2i"),
  collins1985 = counts(dat.collins1985a, "b.xti", "nti", "b.xci", "nci"),
  # not from the literature: trials without an event in one arm or in both
  made_zeros = data.frame(a = c(0, 2, 0, 1, 3, 0), n_t = c(40, 25, 60, 33, 50, 20),
                          c = c(1, 0, 0, 2, 1, 0), n_c = c(38, 26, 58, 30, 52, 21))
)

classical <- function(res) {
  list(estimate = unbox(as.numeric(res$beta)), se = unbox(res$se), ci = c(res$ci.lb, res$ci.ub),
       p = unbox(res$pval))
}
mixed <- function(set, model) {
  # lme4's inner loop fails on some sets when told to stop that late: then as late as it can
  for (tolerance in c(1e-10, 1e-9, 1e-8, 1e-7)) {
    stops <- list(optimizer = "bobyqa", tolPwrss = tolerance,
                  optCtrl = list(rhobeg = 2e-3, rhoend = 1e-9, maxfun = 1e5))
    res <- try(suppressWarnings(
      rma.glmm(measure = "OR", ai = a, n1i = n_t, ci = c, n2i = n_c, data = set, model = model,
               control = list(glmerCtrl = stops))), silent = TRUE)
    if (!inherits(res, "try-error")) break
  }
  c(classical(res), list(tau2 = unbox(res$tau2)))
}
case <- function(name) {
  set <- sets[[name]]
  mh <- function(measure) {
    classical(rma.mh(measure = measure, ai = a, n1i = n_t, ci = c, n2i = n_c, data = set))
  }
  list(set = unbox(name), RR = mh("RR"), OR = mh("OR"), RD = mh("RD"),
       Peto = classical(rma.peto(ai = a, n1i = n_t, ci = c, n2i = n_c, data = set)),
       UM.FS = mixed(set, "UM.FS"), CM.AL = mixed(set, "CM.AL"))
}
versions <- c(list(R = unbox(R.version.string)),
              lapply(c(metafor = "metafor", metadat = "metadat", lme4 = "lme4"),
                     function(package) unbox(as.character(packageVersion(package)))))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
lines <- c("{", paste0('"versions": ', toJSON(versions), ","),
           paste0('"sets": ', toJSON(lapply(sets, as.list), digits = NA), ","),
           '"cases": [',
           paste(sapply(names(sets), function(n) toJSON(case(n), digits = NA)), collapse = ",\n"),
           "]", "}")
writeLines(lines, file.path(here, "harms.json"))
