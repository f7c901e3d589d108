# Prints what pages name and does not exist: options that the command before them does not know, keys of configurations.
#   awk -F '\t' -f names.awk KNOWN TYPED   where KNOWN has lines of a command, a tab and an option, or of “key”, a tab, a key

NR == FNR {
  known[$1, $2]
  if ($1 == "key") {
    for (key = $2; key != ""; sub(/\.?[^.]*$/, "", key)) keys[key] # with the sections that hold it
    next
  }
  anywhere[$2]
  commands[$1]
  next
}

# A key may be followed by its value. What has a suffix is a file.
function key_of(word) {
  if (!match(word, /^["']?(run|data|model|train|optimizer|schedule|validation|checkpoint|log|numerics)\.[a-z0-9_.]+/)) return ""
  if (substr(word, RSTART + RLENGTH, 1) == "(") return "" # a call, of Python
  word = substr(word, RSTART, RLENGTH)
  gsub(/^["']|\.+$/, "", word)
  return word ~ /\.(bin|csv|h5|json|jsonl|lock|npz|pkl|pt|py|safetensors|swift|txt|yaml)$/ ? "" : word
}

{
  command = ""
  inside = 0
  count = split($3, words, " ")
  for (i = 1; i <= count; i++) {
    word = words[i]
    key = key_of(word)
    if (key != "" && !(key in keys)) print $1 ": " key " is no key of a configuration (" $3 ")"
    if (word ~ /(^|\/)capstan$|^launch\/local$/) {
      inside = 1
      command = ""
    } else if (word == "launch/slurm.sbatch") {
      inside = 1
      command = "capstan train"
    } else if (word ~ /^(\||;|&&|\|\||:)$/) {
      inside = 0
    } else if (inside && ((command == "" ? "capstan" : command) " " word) in commands) {
      command = (command == "" ? "capstan" : command) " " word
    } else if (match(word, /^--[a-z][-_a-z0-9]*/)) {
      option = substr(word, 1, RLENGTH)
      if (inside && command != "" ? !((command, option) in known) : !(option in anywhere))
        print $1 ": " (inside && command != "" ? command " has no " option : option " is no option of any command") " (" $3 ")"
    }
  }
}
