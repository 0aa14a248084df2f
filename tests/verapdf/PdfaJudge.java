import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Judges PDF files by veraPDF. Arguments: a flavour such as 2b, then files.
 * Prints a line a file, "pass", "fail" or "error", a tab and the file, then a line "rule", tab, count, tab, clause and
 * message for every rule that was broken. Ends with 0 when all files passed, else with 1.
 */
public final class PdfaJudge {
    private PdfaJudge() {
    }

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.fromString(arguments[0]);
        ValidationProfile profile = profileOf(flavour);
        boolean allPassed = true;
        for (int index = 1; index < arguments.length; index++) {
            allPassed &= judge(arguments[index], flavour, profile);
        }
        System.exit(allPassed ? 0 : 1);
    }

    private static ValidationProfile profileOf(PDFAFlavour flavour) throws Exception {
        String name = "org/verapdf/pdfa/validation/PDFA-" + flavour.getId().toUpperCase() + ".xml";
        try (InputStream stream = PdfaJudge.class.getClassLoader().getResourceAsStream(name)) {
            return Profiles.profileFromXml(stream);
        }
    }

    private static boolean judge(String file, PDFAFlavour flavour, ValidationProfile profile) {
        try (InputStream stream = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.println((result.isCompliant() ? "pass\t" : "fail\t") + file);
            Map<String, Integer> broken = new TreeMap<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    String rule = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
                    broken.merge(rule + " " + assertion.getMessage().replaceAll("\\s+", " "), 1, Integer::sum);
                }
            }
            broken.forEach((rule, count) -> System.out.println("rule\t" + count + "\t" + rule));
            return result.isCompliant();
        } catch (Exception error) {
            System.out.println("error\t" + file);
            System.out.println("rule\t1\t" + error);
            return false;
        }
    }
}
