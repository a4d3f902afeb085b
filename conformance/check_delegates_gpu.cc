// Asks LiteRT what the GPU delegate has against each op of a file's first subgraph, for check_delegates.py: a line for each, "PLACE<TAB>WHY".
//
// Build it inside of LiteRT's source tree, with //tflite/tools/versioning:gpu_compatibility and //tflite/schema:schema_fbs as dependencies. Without Bazel
// it takes gpu_compatibility.cc, op_signature.cc, flatbuffer_conversions.cc and schema_utils.cc of that tree, the headers of flatbuffers in the
// version that schema_generated.h names, and Abseil.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tflite/schema/schema_generated.h"
#include "tflite/tools/versioning/gpu_compatibility.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FILE.tflite\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const tflite::Model* model = tflite::GetModel(bytes.data());
  const tflite::SubGraph* graph = model->subgraphs()->Get(0);
  for (unsigned i = 0; i < graph->operators()->size(); ++i) {
    const tflite::Operator* op = graph->operators()->Get(i);
    const auto status =
        tflite::CheckGpuDelegateCompatibility(model->operator_codes()->Get(op->opcode_index()), op, graph, model);
    if (!status.ok()) std::printf("%u\t%s\n", i, std::string(status.message()).c_str());
  }
}
