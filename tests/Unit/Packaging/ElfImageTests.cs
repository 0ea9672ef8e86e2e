using Tributary.Packaging;

namespace Tributary.Tests.Unit.Packaging;

public sealed class ElfImageTests
{
    private const int MachineArm64 = 183;
    private const int Mutations = 20_000;

    [Fact]
    public void Read_SmallFile_HasItsLibrariesAndVersions()
    {
        var image = ElfImage.Read(ElfBytes.Make(["libc.so.6", "libm.so.6"], ["GLIBC_2.2.5", "GLIBC_2.27"]));
        Assert.Equal(["libc.so.6", "libm.so.6"], image.Libraries);
        Assert.Equal(["GLIBC_2.2.5", "GLIBC_2.27"], image.Versions);
    }

    [Fact]
    public void Read_RealFile_NeedsTheLibraryOfC()
    {
        const string Shell = "/bin/sh";
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Shell), "there is no /bin/sh to read");
        var file = File.ReadAllBytes(Shell);
        Assert.SkipUnless(ElfImage.IsElf(file) && file[18] == 62, "it is not for x86-64");
        var image = ElfImage.Read(file);
        Assert.Contains("libc.so.6", image.Libraries);
        Assert.Contains(image.Versions, version => version.StartsWith("GLIBC_2.", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_OtherMachine_IsRefused() =>
        Assert.Contains(
            "x86-64",
            Assert
                .Throws<PackageException>(() => ElfImage.Read(ElfBytes.Make(["libc.so.6"], [], MachineArm64)))
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_CutAnywhere_IsRefused()
    {
        var file = ElfBytes.Make(["libc.so.6"], ["GLIBC_2.27"]);
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<PackageException>(() => ElfImage.Read(file.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Read_DamagedAnywhere_IsReadOrRefused()
    {
        var original = ElfBytes.Make(["libc.so.6", "libm.so.6"], ["GLIBC_2.2.5", "GLIBC_2.27"]);
        var random = new Random(9);
        for (var i = 0; i < Mutations; i++)
        {
            var file = original.ToArray();
            file[random.Next(file.Length)] = (byte)random.Next(256);
            file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            Assert.True(IsReadOrRefused(file));
        }
    }

    [Theory]
    [InlineData("GLIBC_2.2.5", null)]
    [InlineData("GLIBC_2.31", null)]
    [InlineData("GLIBC_2.32", "needs GLIBC_2.32; GLIBC_2.31 is the newest")]
    [InlineData("GLIBC_2.100", "needs GLIBC_2.100")]
    [InlineData("GLIBC_PRIVATE", "needs GLIBC_PRIVATE, which is not known")]
    [InlineData("GLIBCXX_3.4.28", null)]
    [InlineData("GLIBCXX_3.4.29", "needs GLIBCXX_3.4.29")]
    [InlineData("CXXABI_1.3.13", "needs CXXABI_1.3.13")]
    [InlineData("GCC_3.0", null)]
    [InlineData("FOO_1.0", "needs FOO_1.0, which is not known")]
    public void Problems_Version_IsComparedWithTheOldestHost(string version, string? problem)
    {
        var image = ElfImage.Read(ElfBytes.Make(["libc.so.6"], [version]));
        var problems = MachineLimits.Problems(image, new HashSet<string>(StringComparer.Ordinal)).ToList();
        if (problem is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Problems_Library_HasToBeOfTheMachineOrThePackage()
    {
        var image = ElfImage.Read(ElfBytes.Make(["libours.so", "liblttng-ust.so.0"], []));
        var packaged = new HashSet<string>(StringComparer.Ordinal) { "libours.so" };
        Assert.Contains(
            "liblttng-ust.so.0",
            Assert.Single(MachineLimits.Problems(image, packaged)),
            StringComparison.Ordinal
        );
    }

    private static bool IsReadOrRefused(byte[] file)
    {
        try
        {
            return ElfImage.Read(file) is not null;
        }
        catch (PackageException)
        {
            return true;
        }
    }
}
