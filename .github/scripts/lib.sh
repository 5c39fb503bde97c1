#!/usr/bin/env bash
# What the other scripts share; they read it with `source`.
set -euo pipefail

# 256 random bits: what Terraform prints cannot contain them.
random_token() {
  od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Text as a workflow command takes it: a line break would end the command and begin another.
escaped() {
  local text=${1//'%'/'%25'}
  text=${text//$'\r'/'%0D'}
  text=${text//$'\n'/'%0A'}
  if [ "${2:-}" = property ]; then
    text=${text//':'/'%3A'}
    text=${text//','/'%2C'}
  fi
  printf '%s' "$text"
}

# annotate error|warning TITLE TEXT
annotate() {
  echo "::$1 title=$(escaped "$2" property)::$(escaped "$3")"
}

# fail TEXT: an error with the title in $name, and the end.
fail() {
  annotate error "${name:-pipeline}" "$1"
  exit 1
}

# fenced PROGRAM ARGUMENT...: runs a program that prints what others wrote. Workflow commands in its output (::add-mask::,
# ##[...]) have no effect. Both streams are one, and the fence stays up until every process that writes to them has ended.
fenced() {
  local token status=0
  token=$(random_token)
  echo "::stop-commands::$token"
  # The fence stops commands of both forms. GitHub's page of the log also shows ##[error] as an error, hence the space; and
  # the runner takes a carriage return for the end of a line.
  "$@" 2>&1 | sed --unbuffered -e 's/\r/ /g' -e 's/##\[/## [/g' || status=$?
  # On a line of its own, whatever the program printed last.
  printf '\n::%s::\n' "$token"
  return "$status"
}

# output NAME VALUE: an output of the step. The delimiter is not known to whoever wrote the value.
output() {
  local delimiter
  delimiter=$(random_token)
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"$GITHUB_OUTPUT"
}

# digest FILE
digest() {
  sha256sum <"$1" | cut -d ' ' -f 1
}

# assert_environment NAME: it becomes part of paths.
assert_environment() {
  [[ $1 =~ ^[a-z][a-z0-9-]{0,31}$ ]] || fail "\"$1\" is no name of an environment"
}
