# Reference values of R's survival for the models in models.csv, to 17 digits.
#   Rscript make_reference.R DATA_DIR OUT.csv [DATASET]      (DATA_DIR holds one CSV per data set)
# R has no profile-likelihood limits for coxph: they are found with offset() and uniroot(), and serve as the check of ours.
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
models <- read.csv(file.path(here, "models.csv"), stringsAsFactors = FALSE, na.strings = "NA", colClasses = "character")
every_tie <- c("breslow", "efron")
if (length(arguments) > 2) { # a quick check: one data set, one way of ties
  models <- models[models$dataset == arguments[3], ]
  every_tie <- "breslow"
}
rows <- list()
put <- function(dataset, model, ties, term, quantity, value)
  rows[[length(rows) + 1]] <<- data.frame(dataset, model, ties, term, quantity, value = sprintf("%.17g", value))
parts <- function(text) if (nchar(text)) strsplit(text, "+", fixed = TRUE)[[1]] else character(0)
# eps must stay above toler.chol; 100 steps of Newton's method cost nothing here.
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, toler.inf = 1e-9, iter.max = 100)
one_model <- function(dataset, model, x, y, ties, strata = NULL) {
  p <- ncol(x)
  with_strata <- function(columns, shift, init = NULL, control = tight) {
    d <- data.frame(shift = shift)
    d$y <- y; d$x <- columns
    right <- c(if (ncol(columns)) "x", "offset(shift)", if (!is.null(strata)) "strata(g)")
    d$g <- if (is.null(strata)) 0 else strata
    call <- list(as.formula(paste("y ~", paste(right, collapse = "+"))), d, ties = ties, control = control)
    do.call(coxph, c(call, if (!is.null(init)) list(init = init)))
  }
  zero <- rep(0, nrow(x))
  full <- with_strata(x, zero)
  top <- full$loglik[2]
  profile <- function(j, value) {
    held <- with_strata(x[, -j, drop = FALSE], x[, j] * value)
    held$loglik[length(held$loglik)]
  }
  se <- sqrt(diag(full$var))
  for (j in 1:p) {
    term <- colnames(x)[j]; b <- full$coefficients[[j]]
    gap <- function(value) 2 * (top - profile(j, value)) - qchisq(0.95, 1)
    root <- function(side) uniroot(gap, sort(b + side * se[j] * c(0.5, 6)), tol = 1e-14, maxiter = 1000)$root
    without <- with_strata(x[, -j, drop = FALSE], zero)
    start <- replace(rep(0, p), -j, without$coefficients)
    put(dataset, model, ties, term, "coef", b)
    put(dataset, model, ties, term, "se", se[j])
    put(dataset, model, ties, term, "p", 2 * pnorm(-abs(b / se[j])))
    put(dataset, model, ties, term, "lower", root(-1))
    put(dataset, model, ties, term, "upper", root(+1))
    put(dataset, model, ties, term, "p_lr", pchisq(2 * (top - profile(j, 0)), 1, lower.tail = FALSE))
    # The score test of one coefficient: no step from the maximum without it.
    held <- suppressWarnings(with_strata(x, zero, init = start, control = coxph.control(iter.max = 0)))
    put(dataset, model, ties, term, "p_score", pchisq(held$score, 1, lower.tail = FALSE))
  }
  check <- cox.zph(with_strata_named(x, y, ties, strata), terms = FALSE)$table
  for (j in 1:p) put(dataset, model, ties, colnames(x)[j], "ph", check[j, "p"])
  put(dataset, model, ties, "", "ph", check["GLOBAL", "p"])
  put(dataset, model, ties, "", "loglik", top)
  put(dataset, model, ties, "", "lr", 2 * (top - full$loglik[1]))
  put(dataset, model, ties, "", "score", full$score)
  put(dataset, model, ties, "", "wald", full$wald.test)
}
with_strata_named <- function(x, y, ties, strata) { # cox.zph wants plain columns
  d <- as.data.frame(x); names(d) <- paste0("v", seq_len(ncol(x)))
  right <- names(d); d$y <- y
  if (!is.null(strata)) { d$g <- strata; right <- c(right, "strata(g)") }
  coxph(as.formula(paste("y ~", paste(right, collapse = "+"))), d, ties = ties, control = tight)
}
for (i in seq_len(nrow(models))) {
  m <- models[i, ]
  d <- read.csv(file.path(arguments[1], paste0(m$dataset, ".csv")), check.names = FALSE, stringsAsFactors = FALSE)
  categories <- parts(m$categorical)
  columns <- lapply(parts(m$covariates), function(name) {
    if (!name %in% categories) return(matrix(as.numeric(d[[name]]), ncol = 1, dimnames = list(NULL, name)))
    v <- as.character(d[[name]]); l <- sort(unique(v[!is.na(v)]), method = "radix")[-1]
    out <- sapply(l, function(level) ifelse(is.na(v), NA, as.numeric(v == level)))
    matrix(out, nrow = nrow(d), dimnames = list(NULL, paste(name, l, sep = ":")))
  })
  y <- Surv(d[[m$time]], d[[m$event]])
  all <- do.call(cbind, columns)
  for (ties in every_tie) {
    for (block in columns) {
      k <- complete.cases(block)
      one_model(m$dataset, "univariate", block[k, , drop = FALSE], y[k], ties)
    }
    k <- complete.cases(all)
    one_model(m$dataset, "multivariate", all[k, ], y[k], ties)
  }
  rest <- all[, !sub(":.*", "", colnames(all)) %in% m$strata]
  k <- complete.cases(rest) & !is.na(d[[m$strata]])
  one_model(m$dataset, "stratified", rest[k, ], y[k], "breslow", d[[m$strata]][k])
  group <- d[[m$group]]; strata <- d[[m$strata]]; horizon <- min(tapply(d[[m$time]], group, max))
  for (scale in c("log-log", "log", "plain")) {
    table <- summary(survfit(y ~ group, conf.type = scale), rmean = horizon)$table
    for (g in seq_len(nrow(table))) {
      name <- sub("^group=", "", rownames(table)[g])
      keys <- c(median = "median", lower = "0.95LCL", upper = "0.95UCL", mean = "rmean", mean_se = "se(rmean)")
      for (q in names(keys)) put(m$dataset, "km", scale, name, q, table[g, keys[[q]]])
    }
  }
  plain <- survdiff(y ~ group); put(m$dataset, "logrank", "", "", "chi2", plain$chisq)
  put(m$dataset, "logrank", "", "", "p", pchisq(plain$chisq, length(plain$n) - 1, lower.tail = FALSE))
  kept <- !is.na(strata)
  put(m$dataset, "logrank", "stratified", "", "chi2", survdiff(y[kept] ~ group[kept] + strata(strata[kept]))$chisq)
}
out <- do.call(rbind, rows)
file <- file(arguments[2], "w")
writeLines(paste0("# ", R.version.string, ", survival ", packageVersion("survival"), ", by make_reference.R"), file)
write.csv(out, file, row.names = FALSE, quote = FALSE)
close(file)
