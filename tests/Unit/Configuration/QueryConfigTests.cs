using Tributary.Configuration;

namespace Tributary.Tests.Unit.Configuration;

public sealed class QueryConfigTests
{
    private const long MiB = 1L << 20;

    [Theory]
    [InlineData(null, 512, 128, 256)]
    [InlineData(null, 32_768, 1024, 16_384)]
    [InlineData(null, 32, 16, 16)]
    [InlineData(2048L, 512, 2048, 2048)]
    [InlineData(64L, 512, 64, 256)]
    public void Memory_IsAsConfigured_ElseAPartOfWhatThereIs(long? configured, long available, long one, long all)
    {
        var config = new QueryConfig(configured * MiB);
        Assert.Equal(one * MiB, config.MemoryBytesOf(available * MiB));
        Assert.Equal(all * MiB, config.TotalMemoryBytesOf(available * MiB));
    }
}
