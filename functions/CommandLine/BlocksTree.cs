using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The verbs of <c>tributary blocks</c> with their options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the storage is.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs a verb.</param>
internal sealed class BlocksTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, BlocksRequest, Task<int>> run
)
{
    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    private readonly Option<bool> yes = new("--yes")
    {
        Description = "Do it; without this option it is only shown what would be done.",
    };

    private readonly Option<bool> one = new("--one")
    {
        Description = "Make one block at most [default: all that are due]",
    };

    private readonly Argument<string> ulid = new("ULID")
    {
        Description = "The block, as 'tributary blocks ls' lists it.",
    };

    private readonly Argument<string?> anyUlid = new("ULID")
    {
        Description = "The block [default: all]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string> folder = new("DIR")
    {
        Description =
            "A Prometheus data directory (its --storage.tsdb.path), a snapshot of one, or the folder of one block.",
    };

    private readonly Argument<string> target = new("DIR") { Description = "Where the block's folder is to be made." };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var blocks = new Command(
            "blocks",
            "Look at the blocks in the storage, bring some in or out, mend the manifest."
        );
        addStoreOptions(blocks);
        blocks.Subcommands.Add(Verb(BlocksRequest.List, "List the blocks, and what of the log is in none yet."));
        blocks.Subcommands.Add(Verb(BlocksRequest.Inspect, "Show everything about one block.", ulid));
        blocks.Subcommands.Add(
            Verb(
                BlocksRequest.Verify,
                "Read blocks from end to end and compare them with the manifest; ends with 1 when something is wrong.",
                anyUlid
            )
        );
        blocks.Subcommands.Add(
            Verb(
                BlocksRequest.Import,
                "Copy the blocks of a Prometheus into the storage; each is verified first. Again: only what is missing.",
                folder
            )
        );
        blocks.Subcommands.Add(
            Verb(BlocksRequest.Download, "Copy a block to this machine, for Prometheus and promtool.", ulid, target)
        );
        blocks.Subcommands.Add(
            Verb(
                BlocksRequest.Compact,
                "Make blocks of the log and larger ones of blocks, where that is due, without waiting for the server.",
                one
            )
        );
        blocks.Subcommands.Add(Verb(BlocksRequest.Release, "Let a block in quarantine count again.", ulid));
        blocks.Subcommands.Add(Verb(BlocksRequest.Rebuild, "Make the manifest anew from the blocks themselves.", yes));
        blocks.Subcommands.Add(Verb(BlocksRequest.Garbage, "Remove what no longer counts and is old enough.", yes));
        return blocks;
    }

    private Command Verb(string name, string description, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        addStoreOptions(command);
        command.Options.Add(json);
        command.Add(symbols);
        command.SetAction((parsed, _) => run(optionsOf(parsed), RequestOf(name, symbols, parsed)));
        return command;
    }

    private BlocksRequest RequestOf(string name, Symbol[] symbols, ParseResult parsed) =>
        new(
            name,
            symbols.Contains(ulid) ? parsed.GetValue(ulid)
                : symbols.Contains(anyUlid) ? parsed.GetValue(anyUlid)
                : null,
            symbols.Contains(folder) ? parsed.GetValue(folder)
                : symbols.Contains(target) ? parsed.GetValue(target)
                : null,
            parsed.GetValue(json),
            symbols.Contains(yes) && parsed.GetValue(yes),
            symbols.Contains(one) && parsed.GetValue(one)
        );
}
