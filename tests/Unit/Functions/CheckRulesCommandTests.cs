using System.Text;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions;

public sealed class CheckRulesCommandTests : IDisposable
{
    private const string Good = "groups:\n- name: g\n  rules: [{record: a, expr: b}, {alert: A, expr: a > 1}]\n";

    private readonly TestFolder folder = new();
    private string? config;
    private bool ignoresUnknown;

    public CheckRulesCommandTests() => Directory.CreateDirectory(folder.Path);

    [Theory]
    [InlineData(Good, 0, "F: valid, 1 group, 2 rules\n", "")]
    [InlineData("", 0, "F: valid, 0 groups, 0 rules\n", "")]
    [InlineData(
        "groups: [{name: g, rules: [{record: a, expr: '('}]}]",
        1,
        "F: not valid, 1 error\n",
        "F:1:46: group \"g\": rule 1 \"a\": expr: 1:2: parse error: unclosed left parenthesis\n"
    )]
    [InlineData(
        "groups:\n- name: g\n  rules:\n  - {record: a, expr: b}\n  - {record: a, expr: c}\n",
        3,
        "F: valid, 1 group, 2 rules, 1 warning\n",
        "F:5:1: warning: \"a\" has the name and the labels of the rule in line 4: where both have a result, it may be for the same series\n"
    )]
    public async Task Check_File_PrintsFindingsAndVerdict(string text, int code, string output, string error)
    {
        var file = Write("r.yml", text);
        Assert.Equal(
            (
                code,
                output.Replace("F", file, StringComparison.Ordinal),
                error.Replace("F:", $"{file}:", StringComparison.Ordinal)
            ),
            await RunAsync(file)
        );
    }

    [Fact]
    public async Task Check_UnknownField_MayBeIgnored()
    {
        var file = Write("r.yml", "groups: [{name: g, partial_response_strategy: warn}]");
        Assert.Equal(ExitCode.Failed, (await RunAsync(file)).Code);
        ignoresUnknown = true;
        Assert.Equal(ExitCode.Done, (await RunAsync(file)).Code);
    }

    [Fact]
    public async Task Check_NoFile_TakesThoseOfTheConfiguration()
    {
        Write("b.yml", "groups: [{name: g, rules: [{record: a.b, expr: c}]}]");
        var other = Write("other.rules", Good);
        config = Write(
            "t.yml",
            "global: {metric_name_validation_scheme: legacy}\nrule_files: ['*.rules', b.yml, 'blob:r/*.yml']\n"
        );
        await PutAsync("r/x.yml", Good);
        var (code, output, error) = await RunAsync();
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(
            $"{other}: valid, 1 group, 2 rules\n{folder.Path}/b.yml: not valid, 1 error\nblob:r/x.yml: valid, 1 group, 2 rules\n",
            output
        );
        Assert.StartsWith($"{folder.Path}/b.yml:1:37: group \"g\": rule 1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Blob_IsReadFromTheStore()
    {
        await PutAsync("rules/a.yml", Good);
        Assert.Equal((0, "blob:rules/a.yml: valid, 1 group, 2 rules\n", ""), await RunAsync("blob:rules/a.yml"));
    }

    public void Dispose() => folder.Dispose();

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.Path, name);
        File.WriteAllText(file, text);
        return file;
    }

    private Task<BlobInfo> PutAsync(string name, string text) =>
        new LocalBlobStore(Path.Combine(folder.Path, "data"), TimeProvider.System).WriteAsync(
            name,
            Encoding.UTF8.GetBytes(text),
            WriteCondition.None,
            TestContext.Current.CancellationToken
        );

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] files)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var settings = new Settings
        {
            Config = config,
            Storage = "local:" + Path.Combine(folder.Path, "data"),
            Listen = ListenAddress.Parse(":0"),
        };
        var code = await new CheckRulesCommand(
            settings,
            new CheckRulesRequest(files, ignoresUnknown),
            output,
            error
        ).RunAsync();
        return (code, output.ToString(), error.ToString());
    }
}
