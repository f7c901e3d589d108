import ArgumentParser
import Foundation
import Metrics
import Reporting
import Support

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Compares runs side by side in one HTML file.",
    discussion: """
      Curves of loss, learning rate, throughput and gradient norm, their time and results, and the keys in which \
      their configurations differ. A run whose directory has a captions.json, as capstan caption writes it, is scored \
      too: against the images that validated it, or against --references. The file is self-contained. It \
      replaces an earlier report, but no other file.

      Examples:
        capstan report runs/quickstart
        capstan report runs/frozen runs/finetune --out comparison.html --plots plots
        capstan report runs/finetune --references data/test.h5 --split test \\
          --images pictures
      """)

  @Argument(help: "The directories of runs.", completion: .directory)
  var runs: [String]

  @Option(help: "The file to write.", completion: .file())
  var out = "report.html"

  @Option(help: "A directory for the plots as SVG files.", completion: .directory)
  var plots: String?

  @Option(
    parsing: .upToNextOption,
    help:
      "Embedding stores or a file of captions to score captions.json against. (default: the validation's)",
    completion: .file())
  var references: [String] = []

  @Option(help: "The split of the references.")
  var split: String?

  @Option(help: ArgumentHelp("Computes METEOR with meteor-1.5.jar.", valueName: "file"), completion: .file())
  var meteorJar: String?

  @Option(help: ArgumentHelp("Computes SPICE with spice-1.0.jar.", valueName: "file"), completion: .file())
  var spiceJar: String?

  @Flag(inversion: .prefixedNo, help: "Whether captions are scored.")
  var scores = true

  @Option(
    help: "A folder with the pictures, named by their ids: those of the gallery become part of the file.",
    completion: .directory)
  var images: String?

  @Option(help: "The number of best and of worst captions in the gallery.")
  var gallery = 12

  @Flag(help: "Overwrites a file that is not a report.")
  var force = false

  func run() throws {
    try Report.requirePlace(out, replacing: force)
    if let plots { try Report.requirePlotPlace(plots, replacing: force) }
    if let images, FileKind(following: images) != .directory {
      throw Failure.usage("--images \(images) is not a directory; name the folder with the pictures.")
    }
    let records = try RunRecord.runs(runs)
    let programs = Evaluation.Programs(meteorJar: meteorJar, spiceJar: spiceJar)
    let scored = try records.map { record in
      guard scores else { return nil as RunScores? }
      return try record.scores(
        references: references.isEmpty ? nil : references, split: split, programs: programs)
    }
    let report = Report(records, scores: scored, images: images, gallerySize: gallery)
    try report.write(to: out)
    if let plots { try report.writePlots(to: plots) }
    for warning in report.warnings { StandardStreams.say("warning: \(warning)\n") }
    print(out)
  }
}
