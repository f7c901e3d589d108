/// A table whose first row and first column are headings.
struct HTMLTable {
  let columns: [String]
  let rows: [[String]]

  var html: String {
    let head = columns.map { "<th scope=\"col\">\($0.markup)</th>" }.joined()
    let body = rows.map { row in
      let cells = row.dropFirst().map { "<td>\($0.markup)</td>" }.joined()
      return "<tr><th scope=\"row\">\((row.first ?? "").markup)</th>\(cells)</tr>"
    }
    return
      "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(body.joined(separator: "\n"))\n"
      + "</tbody></table></div>"
  }
}
