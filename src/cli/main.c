#include "cli/cli.h"

int main(int argc, char **argv)
{
    return tw_cli_run(argc - 1, argv + 1);
}
