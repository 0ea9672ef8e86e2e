using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Functions.Serving;

namespace Tributary.Tests.Unit.Functions;

public sealed class FindingTextTests
{
    private const string Long =
        "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen.";

    [Fact]
    public void Of_FindingWithoutExplanation_IsALine() =>
        Assert.Equal("f:1:2: warning: m\n", new FindingText().Of(new ConfigError("f", 1, 2, "m"), "warning: "));

    [Fact]
    public void Of_Explanation_IsWrappedAndHasItsSnippetBelow()
    {
        var finding = Finding(
            7,
            new Explanation("an-id", Long, "Do:\n\n    as: here\n\nOr:", "a:\n  b: c") { Note = "A note." }
        );
        Assert.Equal(
            """
            f:7:1: m

                One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
                seventeen.

                Do:

                    as: here

                Or:

                    a:
                      b: c

                A note.

                More: docs/mistakes.md#an-id


            """,
            new FindingText().Of(finding, "")
        );
    }

    [Fact]
    public void Of_SameMistakeAgain_PointsBack()
    {
        var text = new FindingText();
        var explanation = new Explanation("an-id", "Happens.", "Fix.");
        text.Of(Finding(7, explanation), "");
        Assert.Equal(
            "f:9:1: m\n    as explained above for line 7\n\n",
            text.Of(Finding(9, explanation with { Happens = "Another." }), "")
        );
    }

    private static ConfigError Finding(int line, Explanation explanation) =>
        new("f", line, 1, "m") { Explanation = explanation };
}
