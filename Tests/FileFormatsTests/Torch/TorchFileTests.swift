import Foundation
import Testing

@testable import FileFormats

@Suite struct TorchFileTests {
  @Test(arguments: [
    "zip.pt", "legacy.pt", "tensors-2.pkl", "tensors-3.pkl", "tensors-4.pkl", "tensors-5.pkl",
  ])
  func tensorsOfEveryForm(_ name: String) throws {
    let value = try TorchFile.read(FormatsGolden.path(name))

    func expect(
      _ key: String, in value: PickleValue, _ element: ElementType, _ shape: [Int], _ floats: [Float]
    ) {
      let tensor = value[key]?.tensor
      #expect(tensor?.element == element, "\(key)")
      #expect(tensor?.shape == shape, "\(key)")
      #expect(tensor?.array.floats() == floats, "\(key)")
    }
    let integers: [ElementType] = [.int8, .int16, .int32, .int64, .uint8]
    for element in [.float16, .bfloat16, .float32, .float64] + integers {
      expect(element.rawValue, in: value, element, [2, 3], [0, 1, 2, 3, 4, 5])
    }
    expect("bool", in: value, .bool, [2], [1, 0])
    expect("transposed", in: value, .float32, [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    expect("slice", in: value, .float32, [2, 2], [5, 6, 9, 10])
    expect("shared", in: value, .float16, [4], [0, 1, 2, 3])
    expect("shared again", in: value, .float16, [2], [2, 3])
    expect("parameter", in: value, .float32, [2], [0.5, -0.5])
    expect("scalar", in: value, .float32, [], [7])
    expect("empty", in: value, .float32, [0, 5], [])
    let module = try #require(value["module"])
    expect("weight", in: module, .float32, [1, 2], [1, 2])
    expect("bias", in: module, .float32, [1], [3])
    #expect(value["shape"]?.integers == [2, 3])
    #expect(value["step"]?.integer == 3)
    #expect(value["shared"]?.tensor?.array.halves() == [0, 0x3C00, 0x4000, 0x4200])
  }

  @Test func aViewOfOneStorage() throws {
    let value = try TorchFile.read(FormatsGolden.path("view.pt"))
    #expect(value.tensor?.array.floats() == [0, 0, 0, 0])
  }

  @Test(arguments: [
    ("truncated", "no directory"), ("legacy-truncated", "damaged"),
    ("torchscript", "TorchScript"), ("offset", "does not fit into its storage"),
    ("strides", "does not fit into its storage"),
    ("negative", "does not fit into its storage"), ("expanded", "does not fit into its storage"),
    ("overflow", "does not fit into its storage"),
    ("count", "does not have the 5 float32"), ("storage", "no uncompressed entry"),
    ("big-endian", "byte order"),
  ])
  func refusals(_ name: String, _ part: String) throws {
    let path = try FormatsGolden.path("refused-\(name).pt")
    expectRefusal(part, of: name) { _ = try TorchFile.read(path) }
  }

  @Test(arguments: ["view.pt", "legacy.pt", "plain-4.pkl", "tensors-2.pkl"])
  func everyPrefixIsRefused(_ name: String) throws {
    let bytes = try FormatsGolden.bytes(name)
    for count in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 500) {
      expectRefusal(".", of: "\(count) bytes of \(name)") {
        _ = try TorchFile.value(in: bytes.prefix(count), name: name)
      }
    }
  }

  /// A shape whose product does not fit, though there are no elements.
  @Test func nothingTimesHuge() throws {
    let storage = TorchStorage(element: .float32, count: 0, bytes: Data())
    let shape = [0, 1 << 40, 1 << 40]
    let tensor = TorchTensor(storage: storage, offset: 0, shape: shape, strides: [0, 1 << 40, 1])
    #expect(tensor?.array.count == 0)
  }
}
