import ArgumentParser
import Reporting

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows runs side by side, in one HTML file.",
    discussion: """
      Curves of loss, learning rate, throughput and gradient norm, what the runs took and came to, and in which keys
      their configurations differ. The file needs no other and no network.

      Examples:
        capstan report runs/quickstart
        capstan report runs/frozen runs/finetune --out comparison.html --plots plots
      """)

  @Argument(help: "The directory of a run.")
  var runs: [String]

  @Option(help: "The file to write.")
  var out = "report.html"

  @Option(help: "A directory for the plots as SVG files.")
  var plots: String?

  func run() throws {
    let report = Report(try RunRecord.runs(runs))
    try report.write(to: out)
    if let plots { try report.writePlots(to: plots) }
    print(out)
  }
}
