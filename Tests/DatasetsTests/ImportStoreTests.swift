import Support
import Testing

@testable import Datasets

/// Imports of stores that h5py wrote, and what a store that was imported says when it is read.
@Suite struct ImportStoreTests {
  private func request(_ name: String) -> ImportRequest { ImportRequest(input: StoreFixture.golden(name)) }

  @Test(arguments: ["single-fixed.h5", "half-variable.h5", "positions.h5"])
  func aCopyIsTheSame(_ name: String) throws {
    let original = try EmbeddingStore(path: StoreFixture.golden(name))
    let (contents, report) = try request(name).contents()
    try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/copy.h5")
      let copy = try EmbeddingStore(path: "\(directory)/copy.h5")
      #expect(try StoreFixture.rows(of: copy) == StoreFixture.rows(of: original))
      #expect(copy.elementType == original.elementType)
      #expect(try copy.index() == original.index())
      #expect(copy.encoder == original.encoder)
      #expect(copy.source == original.source)
      #expect(copy.positions == original.positions)
    }
    #expect(report.encoder == original.encoder)
    #expect(report.images == original.rowCount)
  }

  @Test func aStoreCanBeNormalized() throws {
    var request = request("single-fixed.h5")
    request.normalizes = true
    let (contents, _) = try request.contents()
    #expect(contents.normalized)
    #expect(contents.isUnitLength)
  }

  @Test func optionsThatAStoreContradicts() {
    var renamed = request("single-fixed.h5")
    renamed.encoder = "another"
    ImportFixture.expectFailure(.usage, "leave out --encoder") { _ = try renamed.contents() }
    var split = request("single-fixed.h5")
    split.split = "val"
    ImportFixture.expectFailure(.usage, "leave out --split") { _ = try split.contents() }
  }
}
