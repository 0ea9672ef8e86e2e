using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

public sealed class StorageSettingTests
{
    [Fact]
    public void Setting_IsAFolderOrAnAccount()
    {
        Assert.Equal(new LocalFolder("./data=1"), StorageSetting.Parse(" local:./data=1"));
        Assert.Equal(new LocalFolder("/a b"), StorageSetting.Parse("LOCAL:/a b"));
        Assert.Equal(new AccountUrl("https://a.blob.x"), StorageSetting.Parse("https://a.blob.x"));
        Assert.Equal(new AccountConnection("AccountName=a"), StorageSetting.Parse("AccountName=a"));
    }

    [Theory]
    [InlineData("local:./data", "local:./data")]
    [InlineData("AccountName=a;AccountKey=secret", "a storage account's connection string")]
    [InlineData("https://a.blob.x/?sig=secret", "https://a.blob.x/")]
    public void Setting_AsText_HoldsNoSecret(string text, string expected) =>
        Assert.Equal(expected, StorageSetting.Parse(text).ToString());
}
