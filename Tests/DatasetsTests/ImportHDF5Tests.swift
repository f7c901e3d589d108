import Foundation
import Fuzzing
import Support
import Testing

@testable import Datasets
@testable import FileFormats

/// HDF5 files of others, by HDF5's own library in a process of its own (`Golden/HDF5/make.py`).
@Suite struct ImportHDF5Tests {
  private static let folder = ImportFixture.folder.appending(path: "Golden/HDF5").path
  private static let program = (Bundle.main.executableURL ?? URL(fileURLWithPath: "."))
    .deletingLastPathComponent().appending(path: "capstan").path
  private static let ids = (0..<5).map { "img_\($0).jpg" }
  private static let rows = (0..<5).map { row in (0..<4).map { Float(row) + Float($0) / 8 } }

  private func request(_ name: String, _ change: (inout ImportRequest) -> Void = { _ in }) -> ImportRequest {
    var request = ImportRequest(input: "\(Self.folder)/\(name).h5")
    request.hdf5Program = Self.program
    if !name.hasPrefix("store") { request.encoder = "test" }
    change(&request)
    return request
  }

  @Test(arguments: ["resizable", "gzip", "lzf", "double", "big-endian", "userblock", "v110"])
  func storesInAnyForm(_ form: String) throws {
    let (contents, report) = try request("store-\(form)").contents()
    let times = ["gzip", "lzf"].contains(form) ? 8 : 1
    #expect(contents.rowsOfFloats == Self.rows.map { row in (0..<times).flatMap { _ in row } })
    #expect(contents.imageIDs == Self.ids && contents.splits == Array(repeating: "train", count: 5))
    #expect(contents.captionTexts == (form == "v110" ? [] : (0..<5).map { "caption \($0)" }))
    #expect(contents.captionRows == (form == "v110" ? [] : Array(0..<5)))
    #expect(contents.encoder == "x" && contents.source == "me" && report.encoder == "x")
    ImportFixture.expectFailure(.usage, "an embedding store already, so leave out --split") {
      _ = try request("store-\(form)") { $0.split = "val" }.contents()
    }
  }

  @Test(
    arguments: [
      ("two", nil, nil), ("two", "features", "image_ids"), ("two", "/features/", "/image_ids"),
      ("half-numbers", nil, nil), ("half-numbers", "x/emb", "x/names"), ("several", "b", "names"),
      ("per-image", "features", nil), ("per-image", "/features", nil),
    ] as [(String, String?, String?)])
  func datasetsByTheirNames(file: String, key: String?, idsKey: String?) throws {
    let (contents, _) = try request(file) { ($0.embeddingsKey, $0.idsKey) = (key, idsKey) }.contents()
    #expect(contents.rowsOfFloats == Self.rows && contents.imageIDs == Self.ids)
    let isHalf = if case .float16 = contents.embeddings { true } else { false }
    #expect(isHalf == (file == "half-numbers"))
  }

  @Test func numbersAsIDs() throws {
    let (contents, _) = try request("half-numbers") { $0.idsKey = "x/numbers" }.contents()
    #expect(contents.imageIDs == ["0", "1", "2", "3", "4"])
  }

  @Test func aDatasetForEachImage() throws {
    let (contents, _) = try request("per-image-root") { $0.embeddingsKey = "/" }.contents()
    #expect(contents.positions == 2 && contents.width == 2)
    #expect(contents.rowsOfFloats == Self.rows && contents.imageIDs == Self.ids)
  }

  @Test func captionsBesideIt() throws {
    try ImportFixture.withFile("image,caption\nimg_1.jpg,a dog\n") { captions in
      let (contents, _) = try request("two") { $0.captions = captions }.contents()
      #expect(contents.captionTexts == ["a dog"] && contents.captionRows == [1])
    }
  }

  @Test(arguments: [
    ("several", nil, nil, Failure.Kind.usage, "--embeddings NAME"),
    ("several", "a", nil, .usage, "--ids NAME"),
    ("two", "feature", nil, .usage, "no dataset feature (features, image_ids)"),
    ("two", nil, "ids", .usage, "no dataset ids"),
    ("several", "boxes", "ids", .badData, "of the type compound"),
    ("several", "ids", "names", .badData, "strings where the embeddings should be"),
    ("two", nil, "features", .badData, "image ids of shape [5, 4]"),
    ("uneven", "/", nil, .badData, "img_3.jpg is float32 of shape [3], but img_0.jpg"),
    ("newer", nil, nil, .badData, "libver"), ("store-latest", nil, nil, .badData, "libver"),
    ("unwritten", nil, nil, .badData, "holds no rows"), ("huge", nil, "x", .usage, "no dataset x"),
    ("huge", "features", nil, .usage, "no list"), ("external", nil, nil, .badData, "in other files"),
    ("links", "features", nil, .usage, "no dataset features"),
  ])
  func refusals(file: String, key: String?, idsKey: String?, kind: Failure.Kind, words: String) {
    ImportFixture.expectFailure(kind, words) {
      _ = try request(file) { ($0.embeddingsKey, $0.idsKey) = (key, idsKey) }.contents()
    }
  }

  @Test func whatAFileClaimsIsLimited() throws {
    try ImportFixture.withFile("img_0.jpg\n") { ids in
      ImportFixture.expectFailure(.badData, "more than a file of") {
        _ = try request("huge") { $0.imageIDs = ids }.contents()
      }
    }
  }

  @Test func listings() throws {
    let listing = try HDF5Child(path: "\(Self.folder)/several.h5", program: Self.program).listing()
    #expect(listing.datasets.map(\.name) == ["a", "b", "boxes", "ids", "names"])
    #expect(listing.datasets.map(\.type) == ["float32", "float32", "compound", "string", "string"])
    #expect(listing.datasets.map(\.shape) == [[5, 4], [5, 4], [5], [5], [5]])
    let store = try HDF5Child(path: "\(Self.folder)/store-userblock.h5", program: Self.program).listing()
    #expect(store.attributes["encoder"] == "x" && store.attributes["normalized"] == "0")
  }

  /// Whatever becomes of the child, it is one sentence here.
  @Test(arguments: [
    ("kill -SEGV $$", "ended with signal 11"), ("exit 3", "ended with code 3"),
    ("exec sleep 100", "took longer than"),
    ("exit 0", "wrote nothing"),
    (
      #"for last; do :; done; while [ "$1" != --out ]; do shift; done; echo '{"datasets": 3' > $2/listing.json"#,
      "wrote nothing"
    ),
  ])
  func childrenThatFail(script: String, words: String) throws {
    try StoreFixture.inDirectory { directory in
      let program = "\(directory)/child"
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: program + ".sh"))
      // Written by another process: one that this process starts meanwhile may still hold what this one has open for
      // writing, and what is open for writing cannot be started (ETXTBSY).
      let install = try Process.run(
        URL(fileURLWithPath: "/usr/bin/install"), arguments: ["-m", "755", program + ".sh", program])
      install.waitUntilExit()
      try #require(install.terminationStatus == 0)
      var child = HDF5Child(path: "\(Self.folder)/two.h5", program: program)
      if script.contains("sleep") { child.timeLimit = 0.2 }
      ImportFixture.expectFailure(.badData, words) { _ = try child.listing() }
    }
    ImportFixture.expectFailure(.runtime, "could not be started") {
      _ = try HDF5Child(path: "\(Self.folder)/two.h5", program: "/none").listing()
    }
  }

  /// Damaged files end in refusals or are read, and never end this process.
  @Test(arguments: ["two", "per-image-root", "store-lzf", "store-v110", "half-numbers"])
  func damagedFiles(_ name: String) throws {
    let original = try Array(Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).h5")))
    try StoreFixture.inDirectory { directory in
      var refused = 0
      for number in 0..<60 {
        var random = Mutations(seed: 11, number: number)
        let path = "\(directory)/\(number).h5"
        try Data(random.mutated(original)).write(to: URL(fileURLWithPath: path))
        var request = request(name)
        request.input = path
        if name == "per-image-root" { request.embeddingsKey = "/" }
        do { _ = try request.contents() } catch {
          #expect((error as? Failure).map { $0.kind != .runtime } == true, "case \(number): \(error)")
          refused += 1
        }
        try FileManager.default.removeItem(atPath: path)
      }
      #expect(refused > 5)
    }
  }

  @Test func lzf() {
    func unpacked(_ bytes: [UInt8]) -> [UInt8]? { bytes.withUnsafeBytes { LZFFilter.unpacked($0) } }
    #expect(unpacked([2, 7, 8, 9]) == [7, 8, 9])
    // A copy of three from two back, and one of twelve from one back.
    #expect(unpacked([1, 7, 8, 0x20, 1]) == [7, 8, 7, 8, 7])
    #expect(unpacked([0, 5, 0xE0, 3, 0]) == Array(repeating: 5, count: 13))
    #expect(unpacked([]) == [])
    for damaged: [UInt8] in [[3, 1, 2], [0x20, 0], [0, 5, 0x20], [0, 5, 0xE0], [0, 5, 0x21, 0]] {
      #expect(unpacked(damaged) == nil, "\(damaged)")
    }
  }
}
