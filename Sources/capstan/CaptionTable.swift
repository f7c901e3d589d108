/// Captions beside what the store says of the same images, a reference a line.
func captionTable(_ imageIDs: [String], _ captions: [String], _ references: [[String]]) -> String {
  var rows = [("image", "caption", "reference")]
  for ((id, caption), references) in zip(zip(imageIDs, captions), references) {
    rows.append((oneLine(id), oneLine(caption), oneLine(references.first ?? "")))
    rows += references.dropFirst().map { ("", "", oneLine($0)) }
  }
  let idWidth = rows.map(\.0.count).max() ?? 0
  let captionWidth = rows.map(\.1.count).max() ?? 0
  return rows.map { padded($0.0, idWidth) + "  " + padded($0.1, captionWidth) + "  " + $0.2 }
    .joined(separator: "\n")
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// A text without line breaks and other characters that a terminal would obey.
private func oneLine(_ text: String) -> String {
  String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
}
