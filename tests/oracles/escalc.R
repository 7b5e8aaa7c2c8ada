# Reference effect sizes and variances from metafor::escalc, on data sets of metadat.
# Run from the root of the repository: Rscript tests/oracles/escalc.R
suppressMessages({
  library(metafor)
  library(metadat)
  library(jsonlite)
})

arms <- c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
counts <- c("ai", "n1i", "ci", "n2i")

two_arms <- function(name, inputs, measure, data) {
  data <- data[complete.cases(data[inputs]), inputs]
  result <- do.call(escalc, c(list(measure = measure), as.list(data)))
  list(dataset = name, measure = measure, inputs = as.list(data),
       yi = as.numeric(result$yi), vi = as.numeric(result$vi))
}

# The two arms are read as two measurements of the same n1i people, which serves the arithmetic
paired <- function(name, measure, data, r) {
  data <- data[complete.cases(data[arms]), arms]
  result <- escalc(measure = measure, m1i = m1i, m2i = m2i, sd1i = sd1i, sd2i = sd2i,
                   ni = n1i, ri = r, data = transform(data, r = r))
  # "SMCR" standardises by the SD of the first measurement given, m1i
  list(dataset = name, measure = measure, inputs = c(as.list(data), list(r = r)),
       yi = as.numeric(result$yi), vi = as.numeric(result$vi))
}

load_set <- function(name) {
  frame <- get(data(list = name, package = "metadat"))
  if (name == "dat.bcg") {
    frame <- transform(frame, ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg)
  }
  frame
}

cases <- list()
for (name in c("dat.normand1999", "dat.gibson2002", "dat.curtis1998")) {
  frame <- load_set(name)
  for (measure in c("SMD", "MD", "ROM")) {
    cases[[length(cases) + 1]] <- two_arms(name, arms, measure, frame)
  }
  for (measure in c("SMCC", "SMCR")) {
    cases[[length(cases) + 1]] <- paired(name, measure, frame, 0.6)
  }
}
for (name in c("dat.bcg", "dat.nielweise2007", "dat.linde2005", "dat.hine1989",
               "dat.yusuf1985", "dat.lau1992", "dat.egger2001")) {
  frame <- load_set(name)
  for (measure in c("RR", "OR", "RD")) {
    cases[[length(cases) + 1]] <- two_arms(name, counts, measure, frame)
  }
}

# The five studies with which Morris (2008) illustrates d_ppc2: metafor has no such measure, but its
# "SMD" with the change scores as means and the baseline SDs has the same estimate
morris <- list(
  change_t = c(38.5, 26.8, 0.7, 75.9, 36.0) - c(30.6, 23.5, 0.5, 53.4, 35.6),
  sd_pre_t = c(15.0, 3.1, 0.1, 14.5, 4.7), n_t = c(20, 50, 9, 10, 14),
  change_c = c(19.7, 25.3, 0.6, 60.7, 33.4) - c(23.1, 24.9, 0.6, 55.7, 34.8),
  sd_pre_c = c(13.8, 4.1, 0.2, 17.3, 3.1), n_c = c(20, 42, 9, 11, 14)
)
morris$yi <- as.numeric(with(morris, escalc("SMD", m1i = change_t, sd1i = sd_pre_t, n1i = n_t,
                                            m2i = change_c, sd2i = sd_pre_c, n2i = n_c))$yi)

write_json(
  list(metafor = as.character(packageVersion("metafor")),
       metadat = as.character(packageVersion("metadat")),
       cases = cases, morris2008 = morris),
  "tests/oracles/escalc.json", digits = I(15), auto_unbox = TRUE, na = "null"
)
