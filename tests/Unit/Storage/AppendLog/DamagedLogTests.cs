using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Storage.AppendLog;

/// <summary>Log files in a folder that lose bytes: only what is gone is missing, it is named, and writing goes on.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly SkippingTime time = new(LogBatches.NoonMs);
    private readonly LocalBlobStore blobs;
    private ulong writers;

    public DamagedLogTests() => blobs = new LocalBlobStore(folder.Path, time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("log cut behind the first batch", "0 2 3")]
    [InlineData("log cut to nothing", "2 3")]
    [InlineData("log gone", "2 3")]
    [InlineData("~meta cut to nothing", "2 3")]
    public async Task File_ThatIsDamaged_HarmsNoOtherAndNoWriter(string damage, string left)
    {
        var (first, second) = (Writer(), Writer());
        var home = Assert.Single(await first.AppendAsync([Batch(0)], Token)).Home;
        var length = (await blobs.GetInfoAsync(home.ToString(), Token))!.LengthBytes;
        await first.AppendAsync([Batch(1)], Token);
        await second.AppendAsync([Batch(2)], Token);
        Damage(damage, home.ToString(), length);

        var other = Assert.Single(await first.AppendAsync([Batch(3)], Token)).Home;
        Assert.NotEqual(home, other);
        var follower = new LogFollower(blobs, new SeriesTable());
        for (var reading = 0; reading < 2; reading++)
        {
            var found = await follower.ReadOnAsync(LogPlace.Windows, _ => false, Token);
            var ticks = found
                .SelectMany(file => file.Parts)
                .Select(part => (part.TickMs - LogBatches.NoonMs) / 15_000)
                .Order();
            Assert.Equal(reading == 0 ? left : "", string.Join(' ', ticks));
            var (file, problem) = Assert.Single(follower.Problems);
            Assert.Equal(home, file);
            Assert.StartsWith($"{home}: offset ", problem, StringComparison.Ordinal);
        }
    }

    private void Damage(string what, string name, long length)
    {
        var path = Path.Join(folder.Path, what.StartsWith('~') ? "~meta" : "", name);
        if (what.EndsWith("gone", StringComparison.Ordinal))
        {
            File.Delete(path);
            return;
        }
        using var file = File.OpenWrite(path);
        file.SetLength(what.EndsWith("nothing", StringComparison.Ordinal) ? 0 : length + 3);
    }

    private LogWriter Writer()
    {
        var (writer, file) = (++writers, 0ul);
        return new LogWriter(blobs, time, () => new Ulid((writer << 32) + ++file));
    }

    private static Batch Batch(int number)
    {
        var tickMs = LogBatches.NoonMs + (number * 15_000L);
        return LogBatches.Of("a", tickMs, LogBatches.Columns((LogBatches.Series(number), tickMs, number)));
    }
}
