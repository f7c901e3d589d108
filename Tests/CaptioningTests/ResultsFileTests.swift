import Foundation
import Testing

@testable import Captioning

@Suite struct ResultsFileTests {
  private func written(_ ids: [String], _ captions: [String]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "results-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ResultsFile.write(imageIDs: ids, captions: captions, to: path)
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func integersWhenAllAreIntegers() throws {
    #expect(
      try written(["391895", "42"], ["a dog", "say \"no\"/ü\n"]) == """
        [
        {"caption":"a dog","image_id":391895},
        {"caption":"say \\"no\\"/ü\\n","image_id":42}
        ]

        """)
  }

  @Test(arguments: ["007", "+7", "a.jpg", "99999999999999999999", " 7"]) func stringsOtherwise(id: String)
    throws
  {
    let text = try written(["42", id], ["a", "b"])
    #expect(text.contains("\"image_id\":\"42\"") && text.contains("\"image_id\":\"\(id)\""))
  }
}
