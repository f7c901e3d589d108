import Autograd
import Tensors
import Testing

@Suite struct UpdateBlockTests {
  /// Blocks cover every trainable parameter once, in order, and end at multiples of 32 rows.
  @Test(arguments: [[1, 1], [32, 16], [70, 768], [3, 5], [2000, 64], [65, 4096], [7]])
  func blocksCoverAParameter(shape: [Int]) throws {
    let backend = try Backend(threads: 1)
    let parameters = [Parameter("p", shape: shape, .zeros), Parameter("q", shape: [3], .zeros)]
    let arena = ParameterArena(parameters, isTrainable: { _ in true }, on: backend)
    #expect(arena.blocks.first?.parameter === parameters[1])
    let blocks = arena.blocks.dropFirst()
    var row = 0
    for block in blocks {
      #expect(block.parameter === parameters[0] && block.rows.lowerBound == row && row % 32 == 0)
      let width = shape.count == 1 ? shape[0] : shape[1]
      #expect(block.range.lowerBound == arena.offsets[1] + row * width)
      #expect(block.range.count == block.rows.count * width)
      #expect(block.rows.count <= 32 || block.range.count <= 65_536)
      row = block.rows.upperBound
    }
    #expect(row == (shape.count == 1 ? 1 : shape[0]))
  }
}
