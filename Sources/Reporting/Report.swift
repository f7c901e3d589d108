import Foundation
import Support

/// Runs side by side, as one page that needs nothing but itself.
public struct Report {
  private let runs: [RunRecord]
  /// The runs whose captions were scored.
  private let scored: [(name: String, scores: RunScores)]
  private let curves: TrainingCurves
  private let gallery: Gallery?
  /// What is not on the page though it was asked for.
  public let warnings: [String]

  /// - Parameters:
  ///   - scores: of each run; nil where it was not scored.
  ///   - images: a folder with pictures named by their ids, some of which become part of the page.
  ///   - gallerySize: images of the best and of the worst captions.
  public init(
    _ runs: [RunRecord], scores: [RunScores?] = [], images: String? = nil, gallerySize: Int = 12
  ) {
    self.runs = runs
    scored = zip(runs, scores).compactMap { run, scores in scores.map { (name: run.name, scores: $0) } }
    curves = TrainingCurves(runs)
    gallery =
      scored.isEmpty || gallerySize < 1 ? nil : Gallery(scored, count: gallerySize, images: images)
    warnings = Self.warnings(of: gallery, images: images)
  }

  private static func warnings(of gallery: Gallery?, images: String?) -> [String] {
    guard let images else { return [] }
    guard let gallery else {
      return ["No picture of \(images) is shown, for no run has captions that were scored."]
    }
    let missing = gallery.missingPictures
    guard !missing.isEmpty else { return [] }
    return [
      "\(missing.count) of \(counted(gallery.best.count + gallery.worst.count, "picture")) are not in \(images) "
        + "(\(missing.firstFew)); a picture is named by its image id, with .jpg, .jpeg, .png, .webp or .gif."
    ]
  }

  /// What the beginning of a page or of a plot has in it, which are made to be made again.
  static let mark = "capstan report"

  /// Throws `Failure.usage` where the page cannot be written, or something is there that is no report and not to be
  /// replaced.
  public static func requirePlace(_ path: String, option: String = "--out", replacing: Bool) throws {
    try OutputPlace.requireFile(path, option: option, replacing: replacing || isReport(path))
  }

  /// The same for the plots.
  public static func requirePlotPlace(_ directory: String, option: String = "--plots", replacing: Bool) throws
  {
    try OutputPlace.requireDirectory(directory, option: option, replacing: true) { _ in true }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    where name.hasSuffix(".svg") {
      try requirePlace("\(directory)/\(name)", option: option, replacing: replacing)
    }
  }

  private static func isReport(_ path: String) -> Bool {
    guard FileKind(path) == .file, let file = FileHandle(forReadingAtPath: path),
      let beginning = try? file.read(upToCount: 1024)
    else { return false }
    return beginning.firstRange(of: Data(mark.utf8)) != nil
  }

  /// Writes the page.
  public func write(to path: String) throws { try DurableFile.write(Data(html.utf8), to: path) }

  /// Writes every plot as a file of its own.
  public func writePlots(to directory: String) throws {
    try DurableFile.makeDirectory(directory)
    for plot in curves.plots {
      let name = plot.title.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
      try DurableFile.write(Data((plot.svg(standalone: true) + "\n").utf8), to: "\(directory)/\(name).svg")
    }
  }

  var html: String {
    let title = runs.count == 1 ? "Run \(runs[0].name)" : "\(runs.count) runs"
    let tables = RunTables(runs: runs)
    var sections = ["<h1>\(title.markup)</h1>", legend, tables.summary.html, tables.incidents ?? ""]
    if !scored.isEmpty {
      sections.append("<h2>Scores of captions.json</h2>")
      sections.append(ScoreTable(scored).html)
    }
    sections.append("<h2>Curves</h2>")
    sections.append(
      "<div class=\"plots\">\(curves.plots.map { $0.svg(standalone: false) }.joined(separator: "\n"))</div>")
    if let differences = tables.differences {
      sections.append("<h2>What differs in the configurations</h2>")
      sections.append(differences.html)
    }
    if let changes = tables.changes {
      sections.append("<h2>What was changed while runs were under way</h2>")
      sections.append(changes.html)
    }
    if let gallery {
      sections.append("<h2>Captions</h2>")
      sections.append(gallery.html)
    }
    sections += warnings.map { "<p class=\"note\">\($0.markup)</p>" }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <meta name="generator" content="\(Self.mark)">
      <title>\(title.markup)</title>
      <style>
      \(PlotStyle.css)
      \(PageStyle.css)
      </style></head><body>
      \(sections.joined(separator: "\n"))
      </body></html>

      """
  }

  private var legend: String {
    guard runs.count > 1 else { return "" }
    let items = runs.enumerated().map { number, run in
      """
      <li><svg class="plot key" viewBox="0 0 34 10" aria-hidden="true"><polyline class="\(PlotStyle.classes(ofRun: number, isMarked: true))" \
      points="1,5 33,5"/></svg>\(run.name.markup)</li>
      """
    }
    return "<ul class=\"legend\">\(items.joined())</ul>"
  }
}
