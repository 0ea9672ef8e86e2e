using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>
/// Which blocks count after a rebuild. Blocks are <c>name:sources</c>, at times with <c>&lt;parents</c> or <c>@log files</c>;
/// each a letter.
/// </summary>
public sealed class RebuildChoiceTests
{
    [Theory]
    [InlineData("a:a b:b", "a b")]
    [InlineData("a:a b:b m:ab<ab", "m")]
    [InlineData("a:a b:b c:c m:ab<ab", "c m")]
    // The parents' parents are gone already, or not yet.
    [InlineData("a:a m:ab<ab n:abc<mc", "n")]
    [InlineData("m:ab<ab n:abcd<xy", "n")]
    // Two merges of the same blocks: one counts.
    [InlineData("m:ab<ab n:ab<ab", "m")]
    [InlineData("m:ab<ab n:bc<bc", "m n")]
    // Two level-1 blocks of the same log files, of some of them, of others.
    [InlineData("a:a@xy b:b@xy", "a")]
    [InlineData("a:a@x b:b@xy", "b")]
    [InlineData("a:a@x b:b@y", "a b")]
    // A rewrite of one block, to apply deletes.
    [InlineData("a:a m:a<a", "m")]
    [InlineData("", "")]
    public void Choice_LeavesOutWhatAnotherBlockStandsFor(string found, string kept)
    {
        var choice = RebuildChoice.Of(Parse(found), old: null);
        Assert.Equal(kept, Names(choice.Rows.Where(row => row.State == BlockState.Live)));
        Assert.Equal(found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, choice.Rows.Count);
        Assert.All(
            choice.Rows,
            row => Assert.Equal(row.State == BlockState.Live ? "" : "left out: another block stands for it", row.Reason)
        );
    }

    [Fact]
    public void Choice_KeepsWhatTheOldManifestSaid()
    {
        var blocks = Parse("a:a b:b c:c m:ab<ab");
        var old = new ManifestSnapshot(
            "main",
            [Row(blocks[2].Block, BlockState.Quarantined), Row(blocks[3].Block, BlockState.Deleted), WindowOf('y')]
        );
        var choice = RebuildChoice.Of(blocks, old);
        Assert.Equal("a b", Names(choice.Rows.Where(row => row.State == BlockState.Live)));
        Assert.Equal("c", Names(choice.Rows.Where(row => row.State == BlockState.Quarantined)));
        Assert.Equal(
            "y",
            string.Concat(choice.Windows.SelectMany(row => row.Files).Select(file => NameOf(file.Name.Writer)))
        );
    }

    [Fact]
    public void Choice_CollectsTheConsumedLogFiles()
    {
        var choice = RebuildChoice.Of(Parse("a:a@xy b:b@z"), old: null);
        var window = Assert.Single(choice.Windows);
        Assert.Equal("xyz", string.Concat(window.Files.Select(file => NameOf(file.Name.Writer)).Order()));
    }

    private static List<RebuiltBlock> Parse(string text) =>
        [
            .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word =>
                {
                    var parts = word.Split(':', '<', '@');
                    var parents = word.Contains('<', StringComparison.Ordinal) ? parts[2] : "";
                    var files = word.Contains('@', StringComparison.Ordinal) ? parts[2] : "";
                    return new RebuiltBlock(
                        new BlockDescription
                        {
                            Ulid = UlidOf(parts[0][0]),
                            Level = parents.Length > 0 ? 2 : 1,
                            MinTimeMs = 0,
                            MaxTimeMs = 1,
                            Number = 1,
                            Sources = [.. parts[1].Select(UlidOf)],
                            Parents = [.. parents.Select(UlidOf)],
                            Consumed = [.. files.Select(File)],
                        },
                        default
                    );
                }),
        ];

    private static Ulid UlidOf(char name) => new(name);

    private static char NameOf(Ulid ulid) => (char)(ulong)ulid.Value;

    private static ConsumedLogFile File(char name) => new(new LogFileName(default, UlidOf(name)), 1);

    private static string Names(IEnumerable<BlockRow> rows) =>
        string.Join(' ', rows.Select(row => NameOf(row.Block.Ulid)).Order());

    private static TableRow Row(BlockDescription block, BlockState state) =>
        new(ManifestKeys.Block(block.Ulid), "e", default, new BlockRow(block, state).Encode());

    private static TableRow WindowOf(char file)
    {
        var row = new WindowRow(default, new Dictionary<Ulid, long>()).With([File(file)]);
        return new TableRow(ManifestKeys.OfWindow(default), "e", default, row.Encode());
    }
}
