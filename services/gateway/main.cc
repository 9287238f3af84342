#include "services/gateway/module.h"

int main(int argc, char** argv) {
  return fosterwatch::runtime::RunMain(argc, argv, fosterwatch::gateway::MakeModule());
}
