import Support

/// The captions of some images, of every run beside those that people wrote: the images that runs describe best and
/// worst, by the mean of their CIDEr.
struct Gallery {
  struct Item: Equatable {
    let imageID: String
    /// By run, in the runs' order.
    let captions: [Caption]
    let references: [String]
    let meanScore: Double
  }

  struct Caption: Equatable {
    let run: String
    let text: String
    let score: Double
  }

  let best: [Item]
  let worst: [Item]
  /// By image id, of those whose picture was found.
  private let pictures: [String: Thumbnail]

  /// - Parameters:
  ///   - runs: that were scored; images that not all of them have are left out.
  ///   - count: images of each kind at most.
  ///   - images: a folder with pictures named by their ids.
  init(_ runs: [(name: String, scores: RunScores)], count: Int, images: String? = nil) {
    let tables = runs.map { (name: $0.name, captions: $0.scores.evaluation.captions, cider: $0.scores.cider) }
    let shared = tables.dropFirst().reduce(Set(tables.first?.captions.keys.map { $0 } ?? [])) {
      $0.intersection($1.captions.keys)
    }
    let items = shared.map { id in
      let captions = tables.map {
        Caption(run: $0.name, text: $0.captions[id, default: ""], score: $0.cider[id, default: 0])
      }
      return Item(
        imageID: id, captions: captions, references: runs[0].scores.references[id, default: []],
        meanScore: captions.reduce(0) { $0 + $1.score } / Double(captions.count))
    }.sorted { ($0.meanScore, $0.imageID) < ($1.meanScore, $1.imageID) }
    let half = min(count, items.count / 2)
    worst = Array(items.prefix(half))
    best = items.suffix(half).reversed()
    pictures = (best + worst).reduce(into: [:]) { pictures, item in
      pictures[item.imageID] = images.flatMap { Thumbnail(of: item.imageID, in: $0) }
    }
  }

  /// Images that have no picture.
  var missingPictures: [String] { (best + worst).map(\.imageID).filter { pictures[$0] == nil } }

  var html: String {
    func section(_ title: String, _ items: [Item]) -> String {
      "<h3>\(title)</h3><div class=\"gallery\">\(items.map(card).joined(separator: "\n"))</div>"
    }
    return section("Best by CIDEr", best) + section("Worst by CIDEr", worst)
  }

  private func card(_ item: Item) -> String {
    let picture = pictures[item.imageID]?.html ?? ""
    let captions = item.captions.map { caption in
      let run = item.captions.count > 1 ? "<span class=\"run\">\(caption.run.markup)</span> " : ""
      return "<p class=\"caption\">\(run)\(caption.text.markup) <span class=\"score\">"
        + "\(decimal(caption.score, 2))</span></p>"
    }
    let references = item.references.map { "<li>\($0.markup)</li>" }.joined()
    return "<figure>\(picture)<figcaption>\(captions.joined())<ul>\(references)</ul>"
      + "<p class=\"run\">\(item.imageID.markup)</p></figcaption></figure>"
  }
}
