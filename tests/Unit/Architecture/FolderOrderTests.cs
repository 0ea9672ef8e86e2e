using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Architecture;

/// <summary>Keeps the order of folders that core/README.md lists: a file uses its own folder and those above it.</summary>
public sealed partial class FolderOrderTests
{
    [Fact]
    public void EveryFile_UsesOnlyFoldersAboveItsOwn()
    {
        var core = Path.Combine(Repository.Root, "core");
        var order = File.ReadLines(Path.Combine(core, "README.md"))
            .Select(line => ListItem().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value)
            .ToList();
        Assert.NotEmpty(order);
        Assert.Empty(Repository.SourceFiles("core").SelectMany(file => FileViolations(core, file, order)));
    }

    [Theory]
    [InlineData("Stores", "using Tributary.Model; // Tributary.Jobs", true)]
    [InlineData("Stores", "var x = Tributary.Jobs.CollectJob.Run();", false)]
    [InlineData("Model", "using Tributary.Stores;", false)]
    [InlineData("Nowhere", "class C;", false)]
    public void Violations_AreFound(string folder, string code, bool accepted)
    {
        string[] order = ["Model", "Stores", "Jobs"];
        Assert.Equal(accepted, !Violations(folder, code, order).Any());
    }

    private static IEnumerable<string> FileViolations(string core, string file, IReadOnlyList<string> order)
    {
        var relative = Path.GetRelativePath(core, file);
        return Violations(Path.GetDirectoryName(relative)!.Replace('\\', '/'), File.ReadAllText(file), order)
            .Select(problem => $"{relative}: {problem}");
    }

    private static IEnumerable<string> Violations(string folder, string code, IReadOnlyList<string> order)
    {
        var own = order.ToList().IndexOf(folder);
        if (own < 0)
        {
            yield return $"folder '{folder}' is not listed in core/README.md";
            yield break;
        }
        foreach (Match use in Uses().Matches(CommentsAndStrings().Replace(code, "")))
        {
            var used = use.Groups[1].Value.Replace('.', '/');
            var position = order
                .Select((name, index) => (name, index))
                .Where(item => used == item.name || used.StartsWith(item.name + "/", StringComparison.Ordinal))
                .OrderByDescending(item => item.name.Length)
                .Select(item => item.index)
                .FirstOrDefault(-1);
            if (position > own)
            {
                yield return $"uses Tributary.{use.Groups[1].Value}, which stands below {folder}";
            }
        }
    }

    [GeneratedRegex(@"^\d+\. `([^`]+)`", RegexOptions.NonBacktracking)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"\bTributary\.(\w+(\.\w+)*)", RegexOptions.NonBacktracking)]
    private static partial Regex Uses();

    [GeneratedRegex(@"//[^\n]*|""([^""\\\n]|\\.)*""", RegexOptions.NonBacktracking)]
    private static partial Regex CommentsAndStrings();
}
