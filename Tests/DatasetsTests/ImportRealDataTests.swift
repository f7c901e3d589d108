import Foundation
import Support
import Testing

@testable import Datasets

/// Imports of real data against what PyTorch and numpy read: the digests are `Golden/Import/digest.py`'s.
@Suite(.enabled(if: ImportFixture.hasRealData, "needs the data that lies beside the project"))
struct ImportRealDataTests {
  @Test(arguments: [
    ("ViT-B_32", "ViT-B/32", "35558718be2e9f53b5fc64a90c9698f28c8d7d56525d45eecfd820d346b3dd0c"),
    ("RN50x4", "RN50x4", "57d289b23ef005d8666b48b928d44b98181006da1dfa9fe4d6ecc0701324c4c8"),
  ])
  func clipCapsPickles(_ file: String, _ encoder: String, _ digest: String) throws {
    var request = ImportRequest(
      input: "\(ImportFixture.realData)/clipcap-pickles/oscar_split_\(file)_train.pkl")
    request.encoder = encoder
    let (contents, report) = try request.contents()
    #expect(Self.digest(of: contents) == digest)
    #expect((report.images, report.captions, report.repeatedRows) == (732, 2196, 1464))
  }

  @Test(arguments: [
    ("efficientnet_lite0", false, "9a4784f89764b457e889c59b717c680c936115704d5ec5ecfed52817d417984a"),
    ("clip_vit_b32", true, "40f1759ab90efc6ebfa631036dbe5393353082a1d0f3d041740a995ec61ba9e2"),
  ])
  func flickr8k(_ archive: String, _ isNormalized: Bool, _ digest: String) throws {
    var request = ImportRequest(input: "\(ImportFixture.realData)/flickr8k/\(archive).npz")
    request.captions = "\(ImportFixture.realData)/flickr8k/dataset_flickr8k.json"
    request.encoder = "test"
    let (contents, _) = try request.contents()
    #expect(Self.digest(of: contents) == digest)
    #expect(contents.normalized == isNormalized)
  }

  private static func digest(of contents: StoreContents) -> String {
    var bytes =
      switch contents.embeddings {
      case .float32(let values): values.withUnsafeBytes { Data($0) }
      case .float16(let bits): bits.withUnsafeBytes { Data($0) }
      }
    for line in contents.imageIDs + contents.splits + contents.captionTexts
      + contents.captionRows.map(String.init)
    {
      bytes.append(contentsOf: "\(line)\n".utf8)
    }
    return Fingerprint(of: bytes).description
  }
}
