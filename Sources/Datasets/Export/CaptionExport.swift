import Foundation
import Support

extension StoreSelection {
  /// COCO's JSON. An image's id is a number where all are, as COCO's are; the file name is always the id. `info`,
  /// `licenses` and `type` are there because pycocotools looks for them.
  func writeCOCO(to path: String) throws {
    struct File: Encodable {
      let info: [String: String]
      let licenses: [String] = []
      let type = "captions"
      let images: [Image]
      let annotations: [Annotation]
    }
    struct Image: Encodable {
      let id: ImageID
      let fileName: String
    }
    struct Annotation: Encodable {
      let id: Int
      let imageID: ImageID
      let caption: String
    }
    let ids = ImageID.all(imageIDs)
    try write(
      File(
        info: ["description": source],
        images: zip(ids, imageIDs).map { Image(id: $0, fileName: $1) },
        annotations: zip(captionRows, captionTexts).enumerated().map {
          Annotation(id: $0, imageID: ids[$1.0], caption: $1.1)
        }), to: path)
  }

  /// The JSON of Karpathy's splits. Tokens are made as his were: lower case, without ASCII punctuation, cut
  /// at white space.
  func writeKarpathy(to path: String) throws {
    struct File: Encodable {
      let dataset: String
      let images: [Image]
    }
    struct Image: Encodable {
      let filename: String
      let imgid: Int
      let cocoid: ImageID?
      let split: String
      let sentids: [Int]
      let sentences: [Sentence]
    }
    struct Sentence: Encodable {
      let raw: String
      let tokens: [String]
      let imgid: Int
      let sentid: Int
    }
    var sentences = Array(repeating: [Sentence](), count: imageIDs.count)
    for (number, (row, text)) in zip(captionRows, captionTexts).enumerated() {
      sentences[row].append(
        Sentence(raw: text, tokens: Self.tokens(of: text), imgid: row, sentid: number))
    }
    let ids = ImageID.all(imageIDs)
    let images = imageIDs.indices.map { row in
      Image(
        filename: imageIDs[row], imgid: row, cocoid: ids[row].isNumber ? ids[row] : nil, split: splits[row],
        sentids: sentences[row].map(\.sentid), sentences: sentences[row])
    }
    try write(File(dataset: source, images: images), to: path)
  }

  private static func tokens(of caption: String) -> [String] {
    caption.lowercased().unicodeScalars
      .split { $0.properties.isWhitespace }
      .map { word in
        String(
          String.UnicodeScalarView(
            word.filter { !$0.isASCII || $0.properties.isAlphabetic || "0"..."9" ~= $0 }))
      }
      .filter { !$0.isEmpty }
  }

  private func write(_ file: some Encodable, to path: String) throws {
    try DurableFile.write(JSON.encoder().encode(file), to: path)
  }
}
