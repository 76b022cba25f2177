package seal

import "testing"

func TestIdsHaveOneSpelling(t *testing.T) {
	deal, viewer := DealID{1, 2, 255}, ViewerID{3, 4, 254}
	if got, err := ParseDealID(deal.Path()); err != nil || got != deal {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := ParseViewerID(viewer.Text()); err != nil || got != viewer {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", deal.Path()[1:], deal.Path() + "0", deal.Path() + "\n", "0410000000000000\n", "o410000000000000", "A410000000000000"} {
		if _, err := ParseDealID(bad); err == nil {
			t.Errorf("%q is a deal's id", bad)
		}
		if _, err := ParseViewerID(bad); err == nil {
			t.Errorf("%q is a viewer's id", bad)
		}
	}
}
