# Reference values of lkcm.synthesis.pool from metafor, written to pool.json beside this file:
#   Rscript tests/oracles/pool.R
# Effects and variances are rounded to 10 digits first, so that both sides read the same numbers.
# metafor's defaults stop 1e-5 to 1e-4 short of its own maximum: hence the thresholds below.
suppressMessages({
  library(metafor)
  library(jsonlite)
})

binary <- function(data, measure, a, n1, c, n2) {
  escalc(measure = measure, ai = data[[a]], n1i = data[[n1]], ci = data[[c]], n2i = data[[n2]])
}
given <- function(data) data.frame(yi = data$yi, vi = data$vi)
two_by_two <- function(data, measure) {
  escalc(measure = measure, ai = data$tpos, bi = data$tneg, ci = data$cpos, di = data$cneg)
}
bcg <- two_by_two(dat.bcg, "RR")
normand <- with(dat.normand1999, escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i,
                                        m2i = m2i, sd2i = sd2i, n2i = n2i))
curtis <- with(dat.curtis1998, escalc(measure = "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i,
                                      m2i = m2i, sd2i = sd2i, n2i = n2i))
gibson <- with(dat.gibson2002, escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i,
                                      m2i = m2i, sd2i = sd2i, n2i = n2i))
sets <- list(
  bcg_rr = bcg,
  bcg_or = two_by_two(dat.bcg, "OR"),
  normand1999_smd = normand,
  curtis1998_rom = curtis,
  gibson2002_smd = gibson,
  raudenbush1985 = given(dat.raudenbush1985),
  berkey1998 = given(dat.berkey1998),
  bangertdrowns2004 = given(dat.bangertdrowns2004),
  konstantopoulos2011 = given(dat.konstantopoulos2011),
  li2007_or = binary(dat.li2007, "OR", "ai", "n1i", "ci", "n2i"),
  collins1985a_or = binary(dat.collins1985a, "OR", "b.xti", "nti", "b.xci", "nci"),
  yusuf1985_or = binary(subset(dat.yusuf1985, table == "6"), "OR", "ai", "n1i", "ci", "n2i"),
  nielweise2007_or = binary(dat.nielweise2007, "OR", "ai", "n1i", "ci", "n2i"),
  linde2005_rr = binary(dat.linde2005, "RR", "ai", "n1i", "ci", "n2i"),
  lee2004_or = binary(dat.lee2004, "OR", "ai", "n1i", "ci", "n2i"),
  hart1999_irr = with(dat.hart1999, escalc(measure = "IRR", x1i = x1i, t1i = t1i, x2i = x2i,
                                           t2i = t2i)),
  molloy2014_zcor = escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014),
  cohen1981_zcor = escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.cohen1981),
  bcg_first_three = bcg[1:3, ],
  bcg_first_two = bcg[1:2, ]
)

tests <- list(knha = "knha", adhoc = "adhoc", z = "z")

prepare <- function(set) {
  set <- data.frame(yi = as.numeric(set$yi), vi = as.numeric(set$vi))
  set <- set[complete.cases(set), ]
  lapply(as.list(set), function(x) as.numeric(formatC(x, digits = 10, format = "g")))
}

fit <- function(yi, vi, method, test) {
  stops <- if (method == "PM") list(tol = 1e-14) else list(threshold = 1e-14, maxiter = 1000)
  # metafor warns that Knapp-Hartung is not meant for method "FE"; it computes it, as we do.
  suppressWarnings(rma(yi, vi, method = method, test = test, control = stops))
}

profile <- function(res) {
  if (res$method == "FE") return(NULL)
  top <- list(tol = 1e-14, tau2.max = 1e5, maxiter = 10000)
  as.numeric(confint(res, control = top)$random[1, c("ci.lb", "ci.ub")])
}

interval <- function(res, df = NULL) {
  if (res$method == "FE" || res$k < 3) return(NULL)
  if (is.null(df)) {
    prediction <- predict(res)
    return(c(prediction$pi.lb, prediction$pi.ub))
  }
  as.numeric(res$beta) + c(-1, 1) * qt(0.975, df) * sqrt(res$tau2 + res$se^2)
}

inference <- function(res) {
  list(estimate = unbox(as.numeric(res$beta)), se = unbox(res$se), ci = c(res$ci.lb, res$ci.ub),
       p = unbox(res$pval), prediction_interval = interval(res),
       prediction_hts = interval(res, res$k - 2))
}

case <- function(name, set, method) {
  res <- lapply(tests, function(test) fit(set$yi, set$vi, method, test))
  one <- res$z
  list(set = unbox(name), method = unbox(method), tau2 = unbox(one$tau2), tau2_ci = profile(one),
       q = unbox(one$QE), q_p = unbox(one$QEp), i2 = unbox(one$I2), h2 = unbox(one$H2),
       tests = lapply(res, inference))
}

leave_out <- function(name, set, method, test) {
  left <- leave1out(fit(set$yi, set$vi, method, test))
  names <- c(estimate = "estimate", se = "se", ci_low = "ci.lb", ci_high = "ci.ub", p = "pval",
             q = "Q", q_p = "Qp", tau2 = "tau2", i2 = "I2", h2 = "H2")
  c(list(set = unbox(name), method = unbox(method), test = unbox(test)),
    lapply(names, function(column) as.numeric(left[[column]])))
}

sets <- lapply(sets, prepare)
cases <- list()
for (name in names(sets)) for (method in c("REML", "DL", "PM", "ML", "HE", "FE")) {
  cases[[length(cases) + 1]] <- case(name, sets[[name]], method)
}
left_out <- list(leave_out("bcg_rr", sets$bcg_rr, "REML", "knha"),
                 leave_out("normand1999_smd", sets$normand1999_smd, "DL", "z"))
versions <- c(list(R = unbox(R.version.string)),
              lapply(c(metafor = "metafor", metadat = "metadat"),
                     function(package) unbox(as.character(packageVersion(package)))))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
lines <- c("{", paste0('"versions": ', toJSON(versions), ","),
           paste0('"sets": ', toJSON(sets, digits = NA), ","),
           '"cases": [', paste(sapply(cases, toJSON, digits = NA, null = "null"), collapse = ",\n"),
           '],', '"leave_one_out": [',
           paste(sapply(left_out, toJSON, digits = NA), collapse = ",\n"), "]", "}")
writeLines(lines, file.path(here, "pool.json"))
