import Foundation
import Support
import Testing

@testable import Reporting

@Suite struct GalleryTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "gallery-\(UUID().uuidString)")

  /// Two runs' captions of four images, the second of which says what people said.
  private func runs() throws -> [(name: String, scores: RunScores)] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let said = ["1": "a red dog", "2": "two blue cats", "3": "one <green> bird", "4": "four tall trees"]
    let annotations = said.map { #"{"image_id": \#($0), "caption": "\#($1)"}"# }
    let images = said.keys.map { #"{"id": \#($0), "file_name": "\#($0).jpg"}"# }
    let references = folder.appending(path: "references.json")
    try Data(
      #"{"images": [\#(images.joined(separator: ","))], "annotations": [\#(annotations.joined(separator: ","))]}"#
        .utf8
    ).write(to: references)
    return try ["bad": ["1": "a red dog", "2": "x", "3": "y", "4": "z"], "good": said].map { name, captions in
      let path = folder.appending(path: "\(name).json")
      let entries = captions.map { #"{"image_id": \#($0), "caption": "\#($1)"}"# }
      try Data("[\(entries.joined(separator: ","))]".utf8).write(to: path)
      return (name, try RunScores(captions: path.path, references: [references.path], split: nil))
    }.sorted { $0.0 < $1.0 }
  }

  @Test func bestAndWorstOfAllRuns() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let runs = try runs()
    let gallery = Gallery(runs, count: 1)
    #expect(gallery.best.map(\.imageID) == ["1"])
    #expect(gallery.worst.count == 1 && gallery.worst[0].imageID != "1")
    #expect(gallery.best[0].captions.map(\.run) == ["bad", "good"])
    #expect(gallery.best[0].references == ["a red dog"])
    // Each image is there once, however many are asked for.
    let all = Gallery(runs, count: 100)
    #expect(Set((all.best + all.worst).map(\.imageID)).count == 4)
    #expect(all.html.contains("one &lt;green&gt; bird"))
  }

  @Test func scoresStandBesideEachOther() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let html = ScoreTable(try runs()).html
    #expect(html.contains("<th scope=\"col\">bad</th><th scope=\"col\">good</th>"))
    #expect(html.contains("<th scope=\"row\">Bleu_1</th>") && html.contains("1.000 [1.000, 1.000]"))
  }

  @Test func picturesBecomePartOfThePage() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: folder.appending(path: "7.png"))
    #expect(Thumbnail(of: "7", in: folder.path)?.html == #"<img alt="7" src="data:image/png;base64,AQID">"#)
    #expect(Thumbnail(of: "../7.png", in: folder.path)?.html.contains("AQID") == true)
    #expect(Thumbnail(of: "8", in: folder.path) == nil)
    try Data([1]).write(to: folder.appending(path: "1.png"))
    let gallery = Gallery(try runs(), count: 2, images: folder.path)
    #expect(gallery.missingPictures.sorted() == ["2", "3", "4"] && gallery.html.contains("<img"))
    let report = Report([], images: folder.path)
    #expect(report.warnings.count == 1 && report.html.contains("for no run has captions"))
  }
}
