import Essentials
import Foundation

/// Runs side by side, as one page that needs nothing but itself.
public struct Report {
  private let runs: [RunRecord]
  private let scores: [RunScores?]
  private let curves: TrainingCurves
  private let images: String?
  private let gallerySize: Int

  /// - Parameters:
  ///   - scores: of each run; nil where it was not scored.
  ///   - images: a folder with pictures named by their ids, some of which become part of the page.
  ///   - gallerySize: images of the best and of the worst captions.
  public init(
    _ runs: [RunRecord], scores: [RunScores?] = [], images: String? = nil, gallerySize: Int = 12
  ) {
    self.runs = runs
    self.scores = runs.indices.map { $0 < scores.count ? scores[$0] : nil }
    self.images = images
    self.gallerySize = gallerySize
    curves = TrainingCurves(runs)
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
    let scored = zip(runs, scores).compactMap { run, scores in scores.map { (name: run.name, scores: $0) } }
    var sections = ["<h1>\(title.markup)</h1>", legend, tables.summary.html]
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
    if !scored.isEmpty, gallerySize > 0 {
      sections.append("<h2>Captions</h2>")
      sections.append(Gallery(scored, count: gallerySize).html(images: images))
    }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
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
    let items = runs.enumerated().map { color, run in
      """
      <li><svg class="plot key" viewBox="0 0 34 10" aria-hidden="true"><polyline class="series-\(color % PlotStyle.colors) marked" \
      points="1,5 33,5"/></svg>\(run.name.markup)</li>
      """
    }
    return "<ul class=\"legend\">\(items.joined())</ul>"
  }
}
