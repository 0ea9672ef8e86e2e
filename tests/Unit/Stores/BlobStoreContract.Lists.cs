using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

public abstract partial class BlobStoreContract
{
    [Fact]
    public async Task List_IsInTheOrderOfBytes_AndKnowsPrefixes()
    {
        string[] names = ["a-b", "a.b", "a/b", "a/c/d", "a0", "aB", "ab", "a_b/z", "Z", "b/0", "b-1", "z9"];
        Assert.Empty(await ListAsync(""));
        foreach (var name in names)
        {
            await WriteAsync(name, name);
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), await ListAsync(""));
        foreach (
            var prefix in new[]
            {
                "a",
                "a/",
                "a/c",
                "a/c/",
                "a/c/d",
                "a/c/d/x/",
                "ab",
                "ab/",
                "b",
                "nothing",
                "a/nothing/",
                "z9",
            }
        )
        {
            Assert.Equal(
                names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                await ListAsync(prefix)
            );
        }
    }

    [Fact]
    public async Task List_SaysOfEachBlobWhatGetInfoSays()
    {
        await WriteAsync("whole", "x");
        await Store.CreateAppendAsync(Name("open"), Token);
        await Store.AppendAsync(Name("open"), 0, Text("abc"), Token);
        await Store.CreateAppendAsync(Name("sealed"), Token);
        await Store.SealAsync(Name("sealed"), Token);
        var listed = await Other.ListAsync(Name(""), Token).ToListAsync(Token);
        Assert.Equal(3, listed.Count);
        foreach (var info in listed)
        {
            Assert.Equal(await Store.GetInfoAsync(info.Name, Token), info);
        }
    }

    [Fact]
    public async Task List_OfThousands_GivesEachOnce()
    {
        // More than the 5000 of one page of the service would take minutes to make; implementations with pages have their
        // own test with small pages.
        var names = Enumerable.Range(0, 1200).Select(i => $"{i % 7}/{i:x4}.bin").ToList();
        await Task.WhenAll(names.Chunk(names.Count / 4).Select(part => StartAsync(() => WriteAllAsync(part))));
        Assert.Equal(names.Order(StringComparer.Ordinal), await ListAsync(""));
        Assert.Equal(
            names.Where(name => name.StartsWith("3/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            await ListAsync("3/")
        );
    }

    [Fact]
    public async Task List_WhileBlobsComeAndGo_GivesAllThatStay()
    {
        await WriteAllAsync([.. Enumerable.Range(0, 20).Select(i => $"stays/{i:d3}")]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var churn = StartAsync(async () =>
        {
            var rounds = 0;
            for (; !stop.IsCancellationRequested; rounds++)
            {
                await Task.Yield();
                await Other.WriteAsync(Name($"stays/{rounds % 20:d3}x"), Text("y"), WriteCondition.None, Token);
                await Other.DeleteAsync(Name($"stays/{rounds % 20:d3}x"), null, Token);
            }
            return rounds;
        });
        for (var i = 0; i < 20; i++)
        {
            await Task.Yield();
            var listed = await ListAsync("");
            Assert.Equal(20, listed.Count(name => !name.EndsWith('x')));
            Assert.Equal(listed.Order(StringComparer.Ordinal), listed);
        }
        await stop.CancelAsync();
        await churn;
    }

    private async Task<int> WriteAllAsync(string[] names)
    {
        foreach (var name in names)
        {
            await WriteAsync(name, name);
        }
        return names.Length;
    }
}
