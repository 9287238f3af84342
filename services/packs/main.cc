#include "services/packs/module.h"

int main(int argc, char** argv) {
  return fosterwatch::runtime::RunMain(argc, argv, fosterwatch::packs::MakeModule());
}
