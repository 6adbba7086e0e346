@main
struct IOMMUTool {
  static func main() {}
}
