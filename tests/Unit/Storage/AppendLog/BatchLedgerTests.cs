using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class BatchLedgerTests
{
    private static readonly Window Home = Window.Of(LogBatches.NoonMs);
    private static readonly Window Before = new(Home.StartMs - Window.LengthMs);

    /// <summary>Parts as <c>writer</c>, or <c>writer:verdict[+other writers]</c> with a report; then the ones that count.</summary>
    public static TheoryData<string, string> Cases() =>
        new()
        {
            { "1:0", "1:0" },
            { "1:0 2:0", "1:0" },
            { "1:1 2:0", "2:0" },
            { "1:3 2:2 3:1 4:1", "3:1" },
            { "1", "1" },
            { "1 2", "1" },
            { "1 2 3:0", "3:0" },
            { "1 2 3:0+2", "2 3:0+2" },
            { "1 2 3:0+1 4:0+2", "1 3:0+1" },
            { "1 2 3:1+1 4:0+2", "2 4:0+2" },
            { "1 2 3 4:0 5:0+3", "4:0" },
            { "2 4:2+2 1 3:1+1", "1 3:1+1" },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Offer_EveryOrder_TheSamePartsCount(string offered, string expected)
    {
        foreach (var order in Permutations(offered.Split(' ')))
        {
            var (ledger, counted) = (new BatchLedger(), new HashSet<string>());
            var parts = order.ToDictionary(text => text, Part);
            foreach (var text in order)
            {
                var contradicted = ledger.Offer(parts[text]);
                // What counted must go on counting, unless the ledger says that it does not.
                var counts = parts
                    .Where(part => counted.Contains(part.Key) || part.Key == text)
                    .Where(part => ledger.Counts(part.Value))
                    .Select(part => part.Key)
                    .ToHashSet(StringComparer.Ordinal);
                Assert.True(contradicted || counted.IsSubsetOf(counts), $"{string.Join(' ', order)} at {text}");
                counted = counts;
            }
            Assert.Equal(
                expected.Split(' '),
                parts.Where(part => ledger.Counts(part.Value)).Select(part => part.Key).Order()
            );
            Assert.Equal(offered.Contains(':', StringComparison.Ordinal), ledger.Has("a", LogBatches.NoonMs));
        }
    }

    [Fact]
    public void Offer_AppendedBatch_IsTheSameAsItsPart()
    {
        var ledger = new BatchLedger();
        var part = Part("5:1+4");
        var batch = LogBatches.Of("a", LogBatches.NoonMs, LogBatches.Columns(), verdict: Verdict.Suspect);
        var appended = new AppendedBatch(batch, part.File, 0, part.Others);
        Assert.False(ledger.Offer(appended));
        Assert.False(ledger.Offer(part));
        Assert.Equal((0, true, true), (ledger.Conflicts, ledger.Counts(appended), ledger.Counts(part)));
        Assert.True(ledger.Offer(Part("3:1")));
        Assert.Equal((1, false, false), (ledger.Conflicts, ledger.Counts(appended), ledger.Counts(part)));
    }

    [Fact]
    public void Forget_Ticks_LeavesLaterOnes()
    {
        var ledger = new BatchLedger();
        ledger.Offer(Part("1:0"));
        ledger.Forget(LogBatches.NoonMs);
        Assert.True(ledger.Has("a", LogBatches.NoonMs));
        ledger.Forget(LogBatches.NoonMs + 1);
        Assert.False(ledger.Has("a", LogBatches.NoonMs));
    }

    private static LogPart Part(string text)
    {
        var words = text.Split(':', '+').Select(word => int.Parse(word, null)).ToArray();
        var verdict = words.Length > 1 ? (Verdict)words[1] : Verdict.Complete;
        return new LogPart
        {
            File = File(words.Length > 1 ? Home : Before, words[0]),
            OffsetBytes = 5,
            Source = "a",
            TickMs = LogBatches.NoonMs,
            Verdict = verdict,
            Report = words.Length > 1 ? new ScrapeReport { Verdict = verdict, StartedMs = 0 } : null,
            Others = [.. words.Skip(2).Select(writer => File(Before, writer))],
        };
    }

    private static LogFileName File(Window window, int writer) =>
        new(window, Ulid.Create(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)writer]));

    private static IEnumerable<string[]> Permutations(string[] items)
    {
        if (items.Length <= 1)
        {
            yield return items;
            yield break;
        }
        for (var i = 0; i < items.Length; i++)
        {
            foreach (var rest in Permutations([.. items[..i], .. items[(i + 1)..]]))
            {
                yield return [items[i], .. rest];
            }
        }
    }
}
