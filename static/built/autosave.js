import"./chunk-VFWYDH35.js";import"./chunk-F4LKF6V5.js";import"./chunk-T7CIVKOA.js";import"./chunk-BWNOX44G.js";
