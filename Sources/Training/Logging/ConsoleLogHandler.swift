import Logging

/// Puts log messages on standard error, past the live line. A level is named from warnings on.
struct ConsoleLogHandler: LogHandler {
  let progress: ProgressLine
  var metadata = Logger.Metadata()
  var logLevel = Logger.Level.info

  init(_ progress: ProgressLine) { self.progress = progress }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    progress.say((event.level >= .warning ? "\(event.level): " : "") + "\(event.message)")
  }
}
