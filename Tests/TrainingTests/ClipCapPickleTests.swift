import Captioning
import Datasets
import Foundation
import Testing
import Text

@testable import Runs
@testable import Training

private let pickles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../shared/data/clipcap-pickles").standardizedFileURL.path

/// From a file that ClipCap's own script wrote to captions. The files lie beside the project on its developers'
/// machines and are not part of it.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: pickles)))
struct ClipCapPickleTests {
  @Test(
    arguments: ["oscar_split_ViT-B_32_train.pkl", "oscar_split_RN50x4_train.pkl"], ["mlp", "transformer"])
  func trainsAndCaptions(pickle: String, mapper: String) throws {
    var request = ImportRequest(input: "\(pickles)/\(pickle)")
    request.encoder = pickle.contains("RN50x4") ? "RN50x4" : "ViT-B/32"
    let contents = try request.contents().contents
    let run = try TinyRun(
      "model.mapper={kind: \(mapper), layers: 1, heads: 2, clip_length: 2, prefix_length: 2}",
      "train.steps=3",
      "data.validation.files=[]", "data.caption_tokens=8", contents: contents)
    #expect(try run.train() == .finished)
    let losses = try run.metrics().compactMap { $0["loss"] }
    #expect(losses.count == 3 && losses[2] < losses[0])
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    let images = try ImageDataset(
      EmbeddingStore.open([run.folder + "/store.h5"]), split: "train", limit: 3)
    let captions = try trained.captioner(method: GreedyDecoding(), maxTokens: 8).captions(of: images, .alone)
    #expect(captions.count == 3 && captions.allSatisfy { !$0.isEmpty })
  }
}
