/** One line of what a script is doing, on stderr so that stdout stays for results. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Ends the script with one sentence that names the remedy. */
export function fail(sentence) {
  say(`\nkubehop: ${sentence}`)
  process.exit(1)
}
