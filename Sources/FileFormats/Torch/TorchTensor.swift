import Foundation

/// A tensor of a torch file, or an array of numpy's in a pickle: a strided view of a storage, in bounds.
public struct TorchTensor: Sendable {
  private let storage: TorchStorage
  private let layout: StridedLayout

  public var element: ElementType { storage.element }
  public var shape: [Int] { layout.shape }
  /// Elements in the tensor.
  var count: Int { layout.count }

  /// Nil when the view reaches out of the storage, or shows more elements than the storage has: an expanded
  /// tensor can ask for any amount of memory.
  init?(storage: TorchStorage, offset: Int, shape: [Int], strides: [Int]) {
    guard let layout = StridedLayout(shape: shape, strides: strides, offset: offset),
      layout.span <= storage.count, layout.count <= storage.count
    else { return nil }
    self.storage = storage
    self.layout = layout
  }

  /// The tensor's elements in row-major order; not copied when they lie so already.
  public var array: StoredArray {
    StoredArray(
      shape: shape, element: element, bytes: layout.rowMajor(from: storage.bytes, elementSize: element.size))
  }
}
