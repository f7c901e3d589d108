# What a reader may type of a page: prints the place, a tab, the kind, a tab, the text.
#   line: of a fenced sh block, of a configuration's header, or of the examples of a help text
#   cell: inline code of a table
#   span: inline code elsewhere
#   rest: what stands behind an example of a help text that was wrapped
#   awk -v page=NAME -f commands.awk FILE   where NAME ends in .md, in .yaml, or in --help

function found(kind, text) { printf "%s:%d\t%s\t%s\n", page, FNR, kind, text }

# Code between backticks, which may go on in the next line.
function spans(line,    parts, count, i) {
  pending = pending (pending == "" ? "" : " ") line
  count = split(pending, parts, "`")
  if (count % 2 == 0) return
  for (i = 2; i < count; i += 2) found(line ~ /^\|/ ? "cell" : "span", parts[i])
  pending = ""
}

page ~ /\.yaml$/ && /^#   / { found("line", substr($0, 5)) }

page ~ /--help$/ && /^USAGE/ { exit }
page ~ /--help$/ {
  if (example && !/^ / && NF) found("rest", $0)
  example = /^  /
  if (example) found("line", substr($0, 3))
}

page ~ /\.md$/ && /^ *```/ {
  match($0, /^ */)
  indent = RLENGTH
  language = inside ? "" : substr($0, indent + 4)
  inside = !inside
  next
}
page ~ /\.md$/ && inside && language == "sh" { found("line", substr($0, indent + 1)) }
page ~ /\.md$/ && !inside {
  if (!NF) pending = ""
  spans($0)
}
