using System.IO.Compression;
using Tributary.Packaging;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Packaging;

public sealed class PackageFolderTests : IDisposable
{
    private const string HostJson = """{"customHandler":{"description":{"defaultExecutablePath":"tributary"}}}""";
    private const string FunctionJson = """{"bindings":[{"type":"timerTrigger"}]}""";

    private readonly TestFolder folder = new();
    private readonly TestFolder target = new();

    public PackageFolderTests()
    {
        Directory.CreateDirectory(target.Path);
        Write("host.json", HostJson);
        Write("tributary", ElfBytes.Make(["libc.so.6"], ["GLIBC_2.27"]));
        Write("tributary.dll", "il");
        Write("Collect/function.json", FunctionJson);
        Write("libours.so", ElfBytes.Make(["libc.so.6"], ["GLIBC_2.17"]));
    }

    [Fact]
    public void Read_FunctionApp_IsListedInTheOrderOfBytes()
    {
        var read = PackageFolder.Read(folder.Path);
        Assert.Equal(["Collect/function.json", "host.json", "libours.so", "tributary", "tributary.dll"], read.Files);
        Assert.Equal(("tributary", new Version(2, 27)), (read.Handler, read.Glibc));
    }

    [Theory]
    [InlineData("local.settings.json")]
    [InlineData("tributary.yml")]
    [InlineData("tributary.pdb")]
    [InlineData("Tributary.Core.xml")]
    [InlineData("createdump")]
    [InlineData(".env")]
    [InlineData("Collect/run.py")]
    [InlineData("data/log/a.log")]
    public void Read_WhatDoesNotBelong_IsNamed(string name)
    {
        Write(name, "x");
        Assert.Contains($"\n  {name}: does not belong here", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host.json", "{}", "defaultExecutablePath")]
    [InlineData("host.json", "{", "defaultExecutablePath")]
    [InlineData("host.json", """{"customHandler":{"description":{"defaultExecutablePath":"other"}}}""", "other: ")]
    [InlineData("Collect/function.json", "{", "Collect/function.json: ")]
    [InlineData("Collect/function.json", """{"bindings":[]}""", "Collect/function.json: has no bindings")]
    [InlineData("libours.so", "\u007fELF", "libours.so: it is no ELF file")]
    public void Read_BrokenFile_IsNamed(string name, string text, string problem)
    {
        Write(name, text);
        Assert.Contains(problem, Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooNewALibrary_IsNamedWithTheLimit()
    {
        Write("libours.so", ElfBytes.Make(["libc.so.6"], ["GLIBC_2.34"]));
        Assert.Contains("libours.so: needs GLIBC_2.34; GLIBC_2.31", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFunctionApp_SaysWhatToName() =>
        Assert.Contains(
            "there is no host.json",
            Assert.Throws<PackageException>(() => PackageFolder.Read(Path.Combine(folder.Path, "Collect"))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Write_FilesOfOtherTimesAndModes_GivesTheSameBytes()
    {
        var (first, second) = (Zip("a"), Zip("b"));
        Assert.Equal(Pack(first), Pack(second));
        var bytes = File.ReadAllBytes(first);
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }
        Pack(second);
        Assert.Equal(bytes, File.ReadAllBytes(second));
        Assert.False(File.Exists(second + ".partial"));
    }

    [Fact]
    public void Write_OnlyTheHandler_IsExecutable()
    {
        var zip = Zip("a");
        Pack(zip);
        using var archive = ZipFile.OpenRead(zip);
        Assert.Equal(
            [
                ("Collect/function.json", "100644"),
                ("host.json", "100644"),
                ("libours.so", "100644"),
                ("tributary", "100755"),
                ("tributary.dll", "100644"),
            ],
            archive.Entries.Select(entry =>
                (entry.FullName, Convert.ToString((int)((uint)entry.ExternalAttributes >> 16), 8))
            )
        );
        Assert.All(archive.Entries, entry => Assert.Equal(1980, entry.LastWriteTime.Year));
    }

    public void Dispose()
    {
        folder.Dispose();
        target.Dispose();
    }

    private string Zip(string name) => Path.Combine(target.Path, $"{name}.zip");

    private (long Length, string Sha256) Pack(string zip) => ZipPackage.Write(PackageFolder.Read(folder.Path), zip);

    private string Refused() => Assert.Throws<PackageException>(() => PackageFolder.Read(folder.Path)).Message;

    private void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
